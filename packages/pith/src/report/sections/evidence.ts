/** Why the figures may be believed: the error found twice, the confusion matrix, what the bytes were spent on. */
import { bars } from '../charts/bars.js';
import { responsive } from '../charts/chart.js';
import { spentCells, spentName, verdictText } from '../evidence.js';
import { formatBytes, formatCount, formatPercent } from '../format.js';
import { type Html, html } from '../markup.js';
import type { Report } from '../report.js';
import { folded, table } from '../table.js';

/** A matrix of more classes is told by its largest mistakes. */
const mostClasses = 24;
const mostMistakes = 40;

export function evidenceSection(report: Report): Html | undefined {
  const { evidence, bytes, data } = report;
  if (!evidence) return undefined;
  const rows = evidence.spent.map((row) => ({
    name: spentName(row.name),
    amount: row.bytes,
    value: `${formatBytes(row.bytes)} · ${formatPercent(row.bytes / bytes.file, 1)}`,
  }));
  const verdict = evidence.apart === 0 ? 'met' : 'missed';
  return html`<section>
<h2>Evidence</h2>
<p><span class="verdict ${verdict}">${evidence.apart === 0 ? '✓' : '✗'}</span> ${verdictText(report)}.</p>
<p class="about">On the ${formatCount(data.test)} test examples. SHA-256 of the file: <span class="hash">${report.fileHash}</span></p>
<figure><figcaption><h3>What the bytes were spent on</h3><p class="note">By what the coder spent on each decision; biases and normalizations whole.</p></figcaption>${responsive((frame) => bars('Bytes by what they tell', rows, frame, { text: 20, bar: 8, gap: 10 }))}</figure>
${folded({
  label: 'Bytes by what they tell',
  columns: [{ title: 'spent on' }, { title: 'bytes' }, { title: 'of the file' }],
  rows: evidence.spent.map((row) => spentCells(row, bytes.file)),
})}
<h3 class="recipe">Confusion matrix</h3>
${confusion(report)}
</section>
`;
}

function confusion({ evidence, data: { classes } }: Report): Html {
  const matrix = evidence?.confusion ?? [];
  const nameOf = (i: number): string => classes[i] ?? String(i);
  const outputs = matrix.reduce((most, row) => Math.max(most, row.length), classes.length);
  if (outputs <= mostClasses)
    return html`<p class="note">A row for each label, a column for each answer.</p>${table({
      label: 'Confusion matrix',
      columns: [{ title: 'label' }, ...Array.from({ length: outputs }, (_, i) => ({ title: nameOf(i) }))],
      rows: matrix.map((row, label) => [nameOf(label), ...Array.from({ length: outputs }, (_, i) => formatCount(row[i] ?? 0))]),
    })}`;
  const mistakes = matrix
    .flatMap((row, label) => row.map((count, answer) => ({ label, answer, count })))
    .filter(({ label, answer, count }) => label !== answer && count > 0)
    .sort((a, b) => b.count - a.count || a.label - b.label || a.answer - b.answer)
    .slice(0, mostMistakes);
  return html`<p class="note">The most frequent mistakes among ${formatCount(outputs)} classes; the whole matrix is in report.json.</p>${table(
    {
      label: 'Most frequent mistakes',
      columns: [{ title: 'label' }, { title: 'answer', align: 'left' }, { title: 'count' }],
      rows: mistakes.map(({ label, answer, count }) => [nameOf(label), nameOf(answer), formatCount(count)]),
    },
  )}`;
}
