/** The per-layer table with the columns of Tables 2 and 3 of Deep Compression, and what those tables leave out. */
import { formatCount, formatDims, formatRatio } from '../format.js';
import { figureCells, figureRows, keptOf, ratedCells, totalFigures, wasRated } from '../layers.js';
import { type Html, html } from '../markup.js';
import type { Report } from '../report.js';
import { folded, table } from '../table.js';

const group = (columns: number, title: string): Html => html`<th colspan="${columns}" scope="colgroup"><span>${title}</span></th>`;

const ratedTitles = ['layer', '#weights', 'not zero', 'bits of each', 'bytes', 'of float32', 'smaller'];
const stagedTitles = ['layer', '#weights', 'P', 'P+Q', 'P+Q+H', 'P+Q', 'P+Q+H', 'P+Q', 'P+Q+H', 'smaller'];

export function layersSection(report: Report): Html | undefined {
  const { layers, bytes } = report;
  if (layers.length === 0) return undefined;
  const rated = wasRated(report);
  const [titles, cells] = rated ? [ratedTitles, ratedCells] : [stagedTitles, figureCells];
  const head = html`<tr><td colspan="2"></td>${group(1, 'weights')}${group(2, 'weight bits')}${group(2, 'index bits')}${group(3, 'compress rate')}</tr>`;
  const about = rated
    ? 'Bits are those of a weight that is not zero, where it is included.'
    : 'P: pruned. Q: weights shared. H: Huffman-coded. Bits are those of a weight that is kept, and of its position.';
  return html`<section>
<h2>Layer by layer</h2>
<p class="about">${about} The whole file, with graph and checksums, has ${formatCount(bytes.file)} bytes: ${formatRatio(bytes.original / bytes.file)}.</p>
${table({
  label: 'Compression of each layer',
  columns: titles.map((title) => ({ title })),
  rows: figureRows(layers).map(cells),
  foot: cells(totalFigures(layers)),
  ...(!rated && { head }),
})}
${folded({
  label: 'Shapes, multiply-adds and bytes of each layer',
  columns: [
    { title: 'layer' },
    { title: 'kind', align: 'left' as const },
    { title: 'shape' },
    { title: 'kept' },
    ...(rated ? [] : [{ title: 'centroids' }]),
    { title: 'multiply-adds' },
    { title: 'float32' },
    ...(rated ? [{ title: 'in the file' }] : [{ title: 'P' }, { title: 'P+Q' }, { title: 'P+Q+H' }]),
  ],
  rows: layers.map((layer) => [
    layer.name,
    layer.kind,
    formatDims(layer.dims),
    formatCount(keptOf(layer)),
    ...(rated ? [] : [formatCount(layer.centroids)]),
    formatCount(layer.multiplyAdds),
    formatCount(layer.bytes.dense),
    ...(rated ? [] : [formatCount(layer.bytes.pruned), formatCount(layer.bytes.shared)]),
    formatCount(layer.bytes.coded),
  ]),
})}
</section>
`;
}
