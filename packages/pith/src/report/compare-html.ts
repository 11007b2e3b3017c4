/** A comparison as one HTML file: the figure of Deep Compression with new curves in it, the curves, tables. The same report, the same bytes. */
import { responsive } from './charts/chart.js';
import { accuracyLoss, type TradeOffCurve, tradeOff, tradeOffLegend } from './charts/trade-off.js';
import type { CompareReport } from './compare-report.js';
import { bytesTitles, compareHeadline, errorTitles, methodRows, pointRows, pointTitles } from './compare-text.js';
import { formatBytes, formatCount, formatPercent } from './format.js';
import { renderPage } from './html.js';
import { type Html, html } from './markup.js';
import { folded, table } from './table.js';

export const renderCompare = (report: CompareReport): string =>
  renderPage({
    title: `${report.network}, methods compared`,
    header: html`<header>
<p class="over">Comparison report</p>
<h1>${report.network}</h1>
<p class="headline">${compareHeadline(report)}</p>
<p class="about">${report.data.name}: ${formatCount(report.data.train)} training and ${formatCount(report.data.test)} test examples in ${report.data.classes} classes · seed ${report.seed}</p>
</header>`,
    sections: [figures(report), atError(report), atBytes(report), all(report), again(report)],
  });

const curvesOf = ({ curves }: CompareReport): TradeOffCurve[] =>
  curves
    .filter(({ points }) => points.length > 0)
    .map(({ method, points }) => ({
      name: method,
      points: points.map(({ bytes, error, setting }) => ({
        bytes,
        error,
        title: `${setting}, ${formatBytes(bytes)}, error ${formatPercent(error)}`,
      })),
    }));

function figures(report: CompareReport): Html | undefined {
  const curves = curvesOf(report);
  if (curves.length === 0) return undefined;
  const { original } = report;
  const reference = report.reference.error;
  const legend = tradeOffLegend(curves, reference);
  const loss = { label: 'Accuracy against the size that is left, for each method', curves, reference, original };
  const error = { label: 'Top-1 error against bytes of the file, for each method', curves, reference };
  return html`<section>
<h2>Accuracy against size</h2>
<p class="about">As Figure 6 of Deep Compression, with new curves in it: what is lost of the accuracy when so much of the size is left. P: pruned. Q: weights shared. H: Huffman-coded. Sizes are those of whole .pith files.</p>
<figure><figcaption>${legend}</figcaption>${responsive((frame) => accuracyLoss(loss, frame))}</figure>
<h3 class="recipe">The same, all of it</h3>
<figure>${responsive((frame) => tradeOff(error, frame))}</figure>
</section>
`;
}

function atError(report: CompareReport): Html | undefined {
  if (report.equalError.length === 0) return undefined;
  return html`<section>
<h2>At equal error</h2>
<p class="about">Bytes of the smallest file that is so good, interpolated on each curve; a dash where no point is. In brackets the rise, in points.</p>
${table({
  label: 'Bytes at equal error',
  columns: [{ title: 'method' }, ...errorTitles(report).map((title) => ({ title }))],
  rows: methodRows(report, report.equalError, formatCount),
})}
</section>
`;
}

function atBytes(report: CompareReport): Html | undefined {
  if (report.equalBytes.length === 0) return undefined;
  return html`<section>
<h2>At equal bytes</h2>
<p class="about">The least error at a size, interpolated on each curve; a dash below its smallest file. In brackets how many times smaller than float32.</p>
${table({
  label: 'Error at equal bytes',
  columns: [{ title: 'method' }, ...bytesTitles(report).map((title) => ({ title }))],
  rows: methodRows(report, report.equalBytes, formatPercent),
})}
</section>
`;
}

function all(report: CompareReport): Html {
  return html`<section>
<h2>Every point</h2>
<dl class="facts">${report.curves.map(({ method, what, skipped }) => html`<dt>${method}</dt><dd>${what}${skipped === undefined ? undefined : ` (not done: ${skipped})`}</dd>\n`)}</dl>
${folded({
  label: 'Settings, bytes, errors and files',
  columns: pointTitles.map((title, i) => ({ title, ...((i === 1 || i === 5) && { align: 'left' as const }) })),
  rows: pointRows(report),
})}
${folded({
  label: 'SHA-256 of each file',
  columns: [{ title: 'file' }, { title: 'SHA-256', align: 'left' }],
  rows: report.curves.flatMap(({ points }) => points.map(({ file, fileHash }) => [file, fileHash])),
})}
</section>
`;
}

function again({ command, seed, epochs, points, versions, sourceHash }: CompareReport): Html {
  const fact = (name: string, value: Html | string): Html => html`<dt>${name}</dt><dd>${value}</dd>\n`;
  return html`<section>
<h2>To make it again</h2>
${command === '' ? undefined : html`<pre><code>${command.split(' ').map((word, i) => html`${i ? ' ' : ''}<span class="word">${word}</span>`)}</code></pre>`}
<dl class="facts">
${fact('Seed', String(seed))}${fact('Points', String(points))}${fact('Epochs', epochs === null ? 'by the size of the network' : String(epochs))}${Object.entries(versions).map(([name, version]) => fact(name, version))}${fact('SHA-256 of the model', html`<span class="hash">${sourceHash}</span>`)}</dl>
</section>
`;
}
