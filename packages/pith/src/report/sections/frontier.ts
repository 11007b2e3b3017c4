/** The curve that `--frontier` trained: bytes against error, and what each point is. */
import { responsive } from '../charts/chart.js';
import { type TradeOffPoint, tradeOff, tradeOffLegend } from '../charts/trade-off.js';
import { formatBytes, formatPercent } from '../format.js';
import { frontierCells, frontierTitles } from '../frontier.js';
import { type Html, html } from '../markup.js';
import type { FrontierRow, Report } from '../report.js';
import { table } from '../table.js';

export function frontierSection(report: Report): Html | undefined {
  const { frontier, error } = report;
  if (!frontier || frontier.length === 0) return undefined;
  const mark = ({ lambda, bytes, error: top1 }: FrontierRow): TradeOffPoint => ({
    bytes,
    error: top1,
    title: `λ ${lambda}: ${formatBytes(bytes)}, error ${formatPercent(top1)}`,
  });
  const curves = [{ name: 'λ from small to large', points: frontier.map(mark) }];
  const chosen = frontier.find((row) => row.chosen);
  const label = 'Top-1 error against bytes of the file, for each λ';
  const given = { label, curves, reference: error.reference, chosen: chosen && mark(chosen) };
  return html`<section>
<h2>The curve</h2>
<p class="about">Each point is a .pith file of its own, trained at one λ from the point before; the ring is the result.</p>
<figure><figcaption>${tradeOffLegend(curves, error.reference)}</figcaption>${responsive((frame) => tradeOff(given, frame))}</figure>
${table({
  label: 'Points of the curve',
  columns: frontierTitles.map((title, i) => ({ title, ...(i === frontierTitles.length - 1 && { align: 'left' as const }) })),
  rows: frontier.map((row, i) => frontierCells(row, i, report)),
})}
</section>
`;
}
