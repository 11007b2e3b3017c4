/** For each layer the histogram of its kept weights with the centroids that stand for them. */
import { binsOf, histogram } from '../charts/histogram.js';
import { formatCount, formatNumber, formatPercent } from '../format.js';
import { type Html, html } from '../markup.js';
import type { LayerRow, Report } from '../report.js';
import { folded } from '../table.js';

/** Of a network with more layers, the largest are drawn. */
const MOST_FIGURES = 48;

export function weightsSection({ layers }: Report): Html | undefined {
  const drawn = layers.flatMap((layer) => {
    const drawing = histogram(layer);
    return drawing ? [{ layer, drawing }] : [];
  });
  if (drawn.length === 0) return undefined;
  const largest = new Set([...drawn].sort((a, b) => b.layer.parameters - a.layer.parameters).slice(0, MOST_FIGURES));
  const shown = drawn.filter((figure) => largest.has(figure));
  const left = drawn.length - shown.length;
  return html`<section>
<h2>Weights and their centroids</h2>
<p class="about">Bars: how many of the kept weights have a value. Strokes below the line: the centroids that replace them.</p>
<div class="small">${shown.map(({ layer, drawing }) => figure(layer, drawing))}</div>
${left > 0 ? html`<p class="note">${left} smaller layers are not drawn.</p>` : undefined}
</section>
`;
}

function figure(layer: LayerRow, drawing: Html): Html {
  const bins = layer.histogram ? binsOf(layer.histogram) : [];
  const codebook = layer.codebook ?? [];
  return html`<figure>
<figcaption><h3>${layer.name}</h3><p class="note">${formatPercent(layer.density, 1)} of ${formatCount(layer.parameters)} kept, ${formatCount(layer.centroids)} centroids</p></figcaption>
${drawing}
${folded({
  label: `Numbers of ${layer.name}`,
  columns: [{ title: 'weights from' }, { title: 'to' }, { title: 'count' }],
  rows: bins.map((bin) => [formatNumber(bin.low, 4), formatNumber(bin.high, 4), formatCount(bin.count)]),
})}
${codebook.length ? html`<details><summary>Centroids of ${layer.name}</summary><p class="note">${codebook.map((value) => formatNumber(value, 5)).join(', ')}</p></details>` : undefined}
</figure>
`;
}
