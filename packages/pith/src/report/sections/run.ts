/** The run: error against size step by step, and the training curves. */
import { responsive } from '../charts/chart.js';
import { curve, epochsOf } from '../charts/curves.js';
import { marksOf, sizeError, sizeErrorLegend, stageNames } from '../charts/size-error.js';
import { formatCount, formatNumber, formatPercent, formatSeconds } from '../format.js';
import { type Html, html } from '../markup.js';
import type { Report } from '../report.js';
import { folded } from '../table.js';

export function pointsSection(report: Report): Html | undefined {
  const { points } = report;
  if (points.length === 0) return undefined;
  const drawn = marksOf(points);
  return html`<section>
<h2>Error against size over the run</h2>
<p class="about">Each mark is a measurement on the test part after a step; the ring is the result.</p>
${drawn.length ? html`<figure><figcaption>${sizeErrorLegend(drawn)}</figcaption>${responsive((frame) => sizeError(report, frame))}</figure>` : undefined}
${missing(points.length - drawn.length, 'measurement')}
${folded({
  label: 'Measurements after each step',
  columns: [
    { title: 'step' },
    { title: 'did', align: 'left' },
    { title: 'stage', align: 'left' },
    { title: 'round' },
    { title: 'weights kept' },
    { title: 'bytes' },
    { title: 'error' },
    { title: 'loss' },
    { title: 'time' },
  ],
  rows: points.map((p) => [
    p.step < 0 ? '' : String(p.step),
    p.use,
    stageNames[p.stage] ?? String(p.stage),
    String(p.round),
    formatPercent(p.density, 1),
    formatCount(p.bytes),
    formatPercent(p.error),
    formatNumber(p.loss, 4),
    formatSeconds(p.seconds),
  ]),
})}
</section>
`;
}

export function curvesSection({ curves }: Report): Html | undefined {
  const points = epochsOf(curves);
  if (points.length === 0) return undefined;
  const drawing = (what: 'loss' | 'error', title: string): Html => {
    const gaps = points.filter((p) => !Number.isFinite(p[what])).length;
    return html`<figure><figcaption><h3>${title}</h3></figcaption>${responsive((frame) => curve(points, what, frame))}${missing(gaps, 'value')}</figure>`;
  };
  return html`<section>
<h2>Training</h2>
<p class="about">Means over the training batches of each epoch. Dotted lines: where a step of the recipe begins.</p>
<div class="pair">${drawing('loss', 'Loss')}${drawing('error', 'Top-1 error')}</div>
${folded({
  label: 'Loss and error of each epoch',
  columns: [{ title: 'step' }, { title: 'did', align: 'left' }, { title: 'epoch' }, { title: 'loss' }, { title: 'error' }],
  rows: points.map((p) => [String(p.step), p.use, String(p.epoch), formatNumber(p.loss, 5), formatPercent(p.error)]),
})}
</section>
`;
}

const missing = (count: number, what: string): Html | undefined =>
  count > 0 ? html`<p class="note">Not drawn because it is not a finite number: ${count} ${what}${count > 1 ? 's' : ''}.</p>` : undefined;
