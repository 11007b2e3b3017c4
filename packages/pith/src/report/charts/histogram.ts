/** The kept weights of a layer as a histogram over a rug of its centroids: where k-means put its values, against where the weights are. */
import * as Plot from '@observablehq/plot';
import { formatCount } from '../format.js';
import type { Html } from '../markup.js';
import type { LayerRow } from '../report.js';
import { boundsOf, chart, roundStep } from './chart.js';

export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The bins of a histogram; none where its bounds or counts are not finite. */
export function binsOf({ low, high, counts }: NonNullable<LayerRow['histogram']>): Bin[] {
  const width = (high - low) / counts.length;
  if (!(width > 0) || !Number.isFinite(width) || !counts.every((count) => Number.isFinite(count) && count >= 0)) return [];
  return counts.map((count, i) => ({ low: low + i * width, high: low + (i + 1) * width, count }));
}

export function histogram(layer: LayerRow): Html | undefined {
  const bins = layer.histogram ? binsOf(layer.histogram) : [];
  const first = bins[0];
  const last = bins.at(-1);
  if (!first || !last) return undefined;
  const most = Math.max(1, boundsOf(bins.map((bin) => bin.count))[1]);
  const centroids = (layer.codebook ?? []).filter((value) => Number.isFinite(value));
  const [low, high] = boundsOf([first.low, last.high, ...centroids]);
  return chart(`Histogram of the kept weights of ${layer.name} with ${centroids.length} centroids`, {
    width: 410,
    height: 184,
    marginTop: 10,
    marginRight: 10,
    marginBottom: 22,
    marginLeft: 46,
    x: { domain: [low, high], label: null, ticks: 6, tickSize: 4 },
    y: { domain: [-0.17 * most, most], label: null },
    marks: [
      Plot.gridY(ticksUpTo(most), { stroke: 'var(--grid)', strokeOpacity: 1 }),
      Plot.axisY(ticksUpTo(most), { tickSize: 0, tickPadding: 6, tickFormat: formatCount, label: null }),
      Plot.rectY(bins, { x1: 'low', x2: 'high', y: 'count', fill: 'var(--a)', inset: 0.5, insetTop: 0, insetBottom: 0 }),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      Plot.ruleX(centroids, { x: (value: number) => value, y1: -0.15 * most, y2: -0.05 * most, stroke: 'var(--b)', strokeWidth: 1.2 }),
    ],
  });
}

/** About five round numbers from 0. */
function ticksUpTo(most: number): number[] {
  const step = Math.max(1, roundStep(most / 5));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
