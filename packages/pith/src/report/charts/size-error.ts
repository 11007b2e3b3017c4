/**
 * Error against size over the run, as Figure 6 of Deep Compression: a path for pruning and one for pruning and sharing, through the
 * measurements after retraining. Hollow marks are those before it. Points that have no finite size or error
 * are not drawn.
 */
import * as Plot from '@observablehq/plot';
import { formatBytes, formatPercent } from '../format.js';
import { type Html, html } from '../markup.js';
import type { PointRow, Report } from '../report.js';
import { errorAxis } from './axes.js';
import { byteTick, chart, type Frame, logTicks, padded } from './chart.js';

export const stageNames: Readonly<Record<PointRow['stage'], string>> = {
  reference: 'reference',
  pruned: 'pruned (P)',
  shared: 'pruned and shared (P+Q)',
  rated: 'integers, trained against their bytes',
};

const looks = {
  reference: { symbol: 'square', colour: 'var(--ink)' },
  pruned: { symbol: 'circle', colour: 'var(--a)' },
  shared: { symbol: 'triangle', colour: 'var(--b)' },
  rated: { symbol: 'diamond', colour: 'var(--a)' },
} as const;

const stages = ['reference', 'pruned', 'shared', 'rated'] as const;

/** A measurement, and whether the next step retrains what was measured. */
interface Mark extends PointRow {
  readonly hollow: boolean;
}

/** The points that can be drawn, in the order of the run. */
export function marksOf(points: readonly PointRow[]): Mark[] {
  const drawn = points.filter((p) => Number.isFinite(p.bytes) && p.bytes > 0 && Number.isFinite(p.error) && p.error >= 0);
  return drawn.map((p, i) => {
    const next = drawn[i + 1];
    return { ...p, hollow: p.use !== 'train' && next?.use === 'train' && next.stage === p.stage };
  });
}

/**
 * The trade-off itself: the path of the stage by falling size, through what was retrained, from the last such mark before it. A search
 * goes back and forth; in the order of its steps the path would cross itself.
 */
function path(marks: readonly Mark[], stage: Exclude<PointRow['stage'], 'reference'>): Mark[] {
  const settled = marks.filter((mark) => !mark.hollow);
  const first = settled.findIndex((mark) => mark.stage === stage);
  if (first < 0) return [];
  const own = settled.filter((mark) => mark.stage === stage).sort((a, b) => b.bytes - a.bytes);
  return [...settled.slice(Math.max(0, first - 1), first), ...own];
}

export function sizeError(report: Report, { width, narrow }: Frame): Html {
  const marks = marksOf(report.points);
  const reference = Number.isFinite(report.error.reference) && report.error.reference >= 0 ? [report.error.reference] : [];
  const end = { bytes: report.bytes.file, error: report.error.compressed };
  const result = end.bytes > 0 && Number.isFinite(end.bytes) && end.error >= 0 && Number.isFinite(end.error) ? [end] : [];
  const y = errorAxis([...marks, ...result].map((p) => p.error).concat(reference));
  const [low, high] = padded(
    [...marks, ...result].map((p) => Math.log10(p.bytes)),
    0.06,
  );
  const x: [number, number] = [10 ** low, 10 ** high];
  const onLeft = Math.log10(result[0]?.bytes ?? 1) < (low + high) / 2;
  const at = { x: 'bytes', y: 'error' } as const;
  const halo = { fill: 'var(--ink)', stroke: 'var(--paper)', strokeWidth: 5 } as const;
  const recoveries = marks.flatMap((mark, i) => (mark.hollow ? [{ from: mark, to: marks[i + 1] ?? mark }] : []));
  return chart('Top-1 error against bytes of the file, step by step', {
    width,
    height: narrow ? 300 : 380,
    marginTop: 24,
    marginRight: narrow ? 14 : 24,
    marginBottom: 40,
    marginLeft: 54,
    x: { type: 'log', domain: x },
    y: { type: y.type, domain: y.domain },
    marks: [
      Plot.gridY(y.ticks, { stroke: 'var(--grid)', strokeOpacity: 1 }),
      Plot.axisY({
        ticks: y.ticks,
        tickSize: 0,
        label: y.type === 'log' ? 'top-1 error on the test part (logarithmic)' : 'top-1 error on the test part',
        labelArrow: 'none',
        labelOffset: 54,
        tickFormat: y.format,
      }),
      Plot.axisX({
        ticks: logTicks(...x, narrow ? 5 : 8),
        tickSize: 5,
        label: 'bytes of the whole file (logarithmic)',
        labelArrow: 'none',
        labelAnchor: 'center',
        tickFormat: byteTick,
      }),
      Plot.ruleY([y.domain[0]], { stroke: 'var(--axis)' }),
      Plot.ruleY(reference, { stroke: 'var(--ink)', strokeDasharray: '1 4', strokeWidth: 1.5 }),
      Plot.link(recoveries, {
        x1: (r: (typeof recoveries)[number]) => r.from.bytes,
        y1: (r: (typeof recoveries)[number]) => r.from.error,
        x2: (r: (typeof recoveries)[number]) => r.to.bytes,
        y2: (r: (typeof recoveries)[number]) => r.to.error,
        stroke: 'var(--soft)',
        strokeWidth: 1,
      }),
      Plot.line(path(marks, 'pruned'), { ...at, stroke: 'var(--a)', strokeWidth: 1.75 }),
      Plot.line(path(marks, 'shared'), { ...at, stroke: 'var(--b)', strokeWidth: 1.75, strokeDasharray: '5 4' }),
      Plot.line(path(marks, 'rated'), { ...at, stroke: 'var(--a)', strokeWidth: 1.75 }),
      ...stages.map((stage) =>
        Plot.dot(
          marks.filter((p) => p.stage === stage),
          {
            ...at,
            symbol: looks[stage].symbol,
            r: narrow ? 3.5 : 4.5,
            stroke: looks[stage].colour,
            strokeWidth: 1.5,
            fill: (p: Mark) => (p.hollow ? 'var(--paper)' : looks[stage].colour),
            title: (p: Mark) => `step ${p.step}, ${p.use}, round ${p.round}: ${formatBytes(p.bytes)}, error ${formatPercent(p.error)}`,
          },
        ),
      ),
      Plot.dot(result, { ...at, r: narrow ? 8 : 10, stroke: 'var(--ink)', strokeWidth: 1.5 }),
      Plot.text(result, {
        ...at,
        ...halo,
        text: (p: typeof end) => `result: ${formatBytes(p.bytes)}, ${formatPercent(p.error)}`,
        dy: narrow ? 18 : 22,
        dx: onLeft ? -9 : 9,
        textAnchor: onLeft ? 'start' : 'end',
        fontWeight: '600',
      }),
      Plot.text(reference, {
        ...halo,
        y: (error: number) => error,
        frameAnchor: 'right',
        textAnchor: 'end',
        text: (error: number) => `reference ${formatPercent(error)}`,
        dy: -15,
      }),
    ],
  });
}

const signs: Readonly<Record<(typeof stages)[number], Html>> = {
  reference: html`<rect x="9" y="4" width="8" height="8" fill="var(--ink)" stroke="var(--ink)" />`,
  pruned: html`<path d="M0 8H26" stroke="var(--a)" /><circle cx="13" cy="8" r="4.5" fill="var(--a)" stroke="var(--a)" />`,
  shared: html`<path d="M0 8H26" stroke="var(--b)" stroke-dasharray="5 4" /><path d="M13 3L18 12H8Z" fill="var(--b)" stroke="var(--b)" />`,
  rated: html`<path d="M0 8H26" stroke="var(--a)" /><path d="M13 2L18 8L13 14L8 8Z" fill="var(--a)" stroke="var(--a)" />`,
};

/** What the marks mean; only of stages that occur. */
export function sizeErrorLegend(points: readonly PointRow[]): Html {
  const marks = marksOf(points);
  const item = (sign: Html, text: string): Html =>
    html`<li><svg width="26" height="16" viewBox="0 0 26 16" aria-hidden="true" stroke-width="1.5">${sign}</svg>${text}</li>`;
  const shown = stages.filter((stage) => marks.some((p) => p.stage === stage));
  const hollow = html`<circle cx="13" cy="8" r="4.5" fill="none" stroke="var(--ink)" />`;
  return html`<ul class="legend">${shown.map((stage) => item(signs[stage], stageNames[stage]))}${
    marks.some((mark) => mark.hollow) ? item(hollow, 'hollow: before retraining') : undefined
  }</ul>`;
}
