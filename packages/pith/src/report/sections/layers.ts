/** The per-layer table with the columns of Tables 2 and 3 of Deep Compression, and what those tables leave out. */
import { formatCount, formatDims, formatRatio } from '../format.js';
import { figureCells, figureRows, keptOf, totalFigures } from '../layers.js';
import { type Html, html } from '../markup.js';
import type { Report } from '../report.js';
import { folded, table } from '../table.js';

const group = (columns: number, title: string): Html => html`<th colspan="${columns}" scope="colgroup"><span>${title}</span></th>`;

export function layersSection({ layers, bytes }: Report): Html | undefined {
  if (layers.length === 0) return undefined;
  const titles = ['layer', '#weights', 'P', 'P+Q', 'P+Q+H', 'P+Q', 'P+Q+H', 'P+Q', 'P+Q+H', 'smaller'];
  const head = html`<tr><td colspan="2"></td>${group(1, 'weights')}${group(2, 'weight bits')}${group(2, 'index bits')}${group(3, 'compress rate')}</tr>`;
  return html`<section>
<h2>Layer by layer</h2>
<p class="about">P: pruned. Q: weights shared. H: Huffman-coded. Bits are those of a weight that is kept, and of its position. The whole file, with graph and checksums, has ${formatCount(bytes.file)} bytes: ${formatRatio(bytes.original / bytes.file)}.</p>
${table({
  label: 'Compression of each layer',
  columns: titles.map((title) => ({ title })),
  rows: figureRows(layers).map(figureCells),
  foot: figureCells(totalFigures(layers)),
  head,
})}
${folded({
  label: 'Shapes, multiply-adds and bytes of each layer',
  columns: [
    { title: 'layer' },
    { title: 'kind', align: 'left' },
    { title: 'shape' },
    { title: 'kept' },
    { title: 'centroids' },
    { title: 'multiply-adds' },
    { title: 'float32' },
    { title: 'P' },
    { title: 'P+Q' },
    { title: 'P+Q+H' },
  ],
  rows: layers.map((layer) => [
    layer.name,
    layer.kind,
    formatDims(layer.dims),
    formatCount(keptOf(layer)),
    formatCount(layer.centroids),
    formatCount(layer.multiplyAdds),
    formatCount(layer.bytes.dense),
    formatCount(layer.bytes.pruned),
    formatCount(layer.bytes.shared),
    formatCount(layer.bytes.coded),
  ]),
})}
</section>
`;
}
