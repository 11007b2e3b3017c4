/** The report of a squeeze as one HTML file: no network, no script. The same report gives the same bytes. */
import { bars } from './charts/bars.js';
import { responsive } from './charts/chart.js';
import { formatBytes, formatCount, formatDims, formatNumber, formatPercent, formatRatio, formatSeconds } from './format.js';
import { renderPage, targetList } from './html.js';
import { type Html, html } from './markup.js';
import { formatCosine } from './squeeze-build.js';
import type { SqueezedTensor, SqueezeReport } from './squeeze-report.js';
import { origins, squeezeHeadlineParts } from './squeeze-text.js';
import { folded, table } from './table.js';

export const renderSqueeze = (report: SqueezeReport): string =>
  renderPage({
    title: report.network,
    header: header(report),
    sections: [
      sizeSection(report),
      fidelitySection(report),
      bytesSection(report),
      tensorSection(report),
      roundSection(report),
      againSection(report),
    ],
  });

function header(report: SqueezeReport): Html {
  const { network, targets, weights, seed, effort, lossless } = report;
  return html`<header>
<p class="over">Compression report</p>
<h1>${network}</h1>
<p class="headline">${squeezeHeadlineParts(report).map((part, i) => html`${i ? ' · ' : ''}<span>${part}</span>`)}</p>
${targetList(targets)}
<p class="about">${formatCount(weights)} weights, without retraining · ${lossless ? 'lossless' : `effort ${effort}`} · seed ${seed}</p>
</header>`;
}

function sizeSection({ source, file }: SqueezeReport): Html {
  const rows = [
    { name: 'the model', amount: source.bytes, value: formatBytes(source.bytes) },
    {
      name: 'the .pith file',
      amount: file.bytes,
      before: source.bytes,
      value: `${formatBytes(file.bytes)} · ${formatRatio(source.bytes / file.bytes)}`,
    },
  ];
  return html`<section>
<h2>Before and after</h2>
<figure>${responsive((frame) => bars('Bytes before and after', rows, frame, { text: 22, bar: 22, gap: 14 }))}</figure>
</section>
`;
}

function fidelitySection({ fidelity, error }: SqueezeReport): Html | undefined {
  if (!fidelity) return undefined;
  const columns = ['cosine', 'relative error', 'largest change', 'top-1 agreement'].map((title) => ({ title }));
  const row = ({ name, cosine, error: relative, maxAbs, agreement }: (typeof fidelity.outputs)[number]): string[] => [
    name,
    formatCosine(cosine),
    formatNumber(relative, 5),
    maxAbs.toPrecision(3),
    agreement === undefined ? '' : formatPercent(agreement, 1),
  ];
  const judged =
    error &&
    ` Top-1 error on ${formatCount(error.count)} test images: ${formatPercent(error.before)} before, ${formatPercent(error.after)} after.`;
  return html`<section>
<h2>How near the outputs are</h2>
<p class="about">Original and decoded file side by side on ${fidelity.samples} ${origins[fidelity.origin]}.${judged}</p>
${table({ label: 'Fidelity of each output', columns: [{ title: 'output' }, ...columns], rows: fidelity.outputs.map(row) })}
${fidelity.layers ? folded({ label: 'Fidelity of each layer', columns: [{ title: 'layer' }, ...columns], rows: fidelity.layers.map(row) }) : undefined}
</section>
`;
}

/** Tensors beyond this number are summed into one bar; the table has them all. */
const mostBars = 16;

function bytesSection({ tensors, sections, file }: SqueezeReport): Html {
  const beside = sections.filter(({ name }) => name !== 'tensors').reduce((sum, { bytes }) => sum + bytes, 0);
  const sorted = tensors.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const few = sorted.length > mostBars ? sorted.slice(0, mostBars - 1) : sorted;
  const rest = sorted.slice(few.length);
  const parts = [
    ...few.map(({ name, bytes }) => ({ name, bytes })),
    ...(rest.length ? [{ name: `${rest.length} other tensors`, bytes: rest.reduce((sum, { bytes }) => sum + bytes, 0) }] : []),
    { name: 'header, metadata and graph', bytes: beside },
  ];
  const rows = parts.map(({ name, bytes }) => ({
    name,
    amount: bytes,
    value: `${formatBytes(bytes)} · ${formatPercent(bytes / file.bytes, 1)}`,
  }));
  return html`<section>
<h2>Where the bytes of the file are</h2>
<figure>${responsive((frame) => bars('Bytes of the largest tensors', rows, frame, { text: 20, bar: 8, gap: 10 }))}</figure>
</section>
`;
}

function tensorSection({ tensors, batchNorms }: SqueezeReport): Html {
  const bits = ({ bytes, elements }: SqueezedTensor): string =>
    bytes === 0 || elements === 0 ? '' : formatNumber((8 * bytes) / elements, 2);
  const folds = batchNorms.folded > 0 ? `${batchNorms.folded} batch normalizations were folded into the layers beside them.` : undefined;
  return html`<section>
<h2>What became of each tensor</h2>
<p class="about">${folds}</p>
${folded({
  label: 'Every tensor, with the reason',
  columns: [
    { title: 'tensor' },
    { title: 'shape', align: 'left' },
    { title: 'method', align: 'left' },
    { title: 'bytes' },
    { title: 'bits' },
    { title: 'why', align: 'left' },
  ],
  rows: tensors.map((t) => [t.name, `${t.dtype} ${formatDims(t.dims)}`, t.method, formatCount(t.bytes), bits(t), t.because]),
})}
</section>
`;
}

function roundSection({ rounds }: SqueezeReport): Html | undefined {
  if (rounds.length < 2) return undefined;
  return html`<section>
<h2>The search</h2>
${table({
  label: 'Rounds of the search',
  columns: [{ title: 'round' }, { title: 'constant' }, { title: 'bytes' }, { title: 'fidelity' }],
  rows: rounds.map(({ constant, bytes, fidelity }, i) => [
    String(i + 1),
    constant.toPrecision(4),
    formatCount(bytes),
    formatCosine(fidelity ?? Number.NaN),
  ]),
})}
</section>
`;
}

function againSection({ command, seed, versions, source, file, seconds }: SqueezeReport): Html {
  const fact = (name: string, value: Html | string): Html => html`<dt>${name}</dt><dd>${value}</dd>\n`;
  const hash = (value: string): Html => html`<span class="hash">${value}</span>`;
  return html`<section>
<h2>To make it again</h2>
<p class="about">The same command, inputs and versions give the same file.</p>
${command === '' ? undefined : html`<pre><code>${command.split(' ').map((word, i) => html`${i ? ' ' : ''}<span class="word">${word}</span>`)}</code></pre>`}
<dl class="facts">
${fact('Seed', String(seed))}${Object.entries(versions).map(([name, version]) => fact(name, version))}${fact('Time', formatSeconds(seconds))}${fact('SHA-256 of the model', hash(source.hash))}${fact('SHA-256 of the file', hash(file.hash))}</dl>
</section>
`;
}
