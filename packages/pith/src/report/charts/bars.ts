/** Horizontal bars with their text above: a name at the left, its value at the right. Used for the waterfall and for the file's parts. */
import * as Plot from '@observablehq/plot';
import { shorten } from '../format.js';
import type { Html } from '../markup.js';
import { boundsOf, chart, type Frame } from './chart.js';

export interface Bar {
  readonly name: string;
  readonly value: string;
  readonly amount: number;
  /** Where the bar before this one ended: what went away is drawn as a dashed outline. */
  readonly before?: number;
}

const usable = (amount: number | undefined): number => (amount !== undefined && Number.isFinite(amount) && amount > 0 ? amount : 0);

export function bars(
  label: string,
  given: readonly Bar[],
  { width, narrow }: Frame,
  row: { text: number; bar: number; gap: number },
): Html {
  const data = given.map((bar, i) => ({ ...bar, amount: usable(bar.amount), before: usable(bar.before), row: String(i) }));
  const step = row.text + row.bar + row.gap;
  const inner = data.length * step;
  const most = Math.max(1, boundsOf(data.map((d) => Math.max(d.amount, d.before)))[1]);
  const above = -(row.bar / 2 + row.text / 2 + 1);
  const text = { y: 'row', dy: above, fill: 'var(--ink)' } as const;
  return chart(label, {
    width,
    height: inner - row.gap,
    marginTop: 0,
    marginBottom: 0,
    marginLeft: 0,
    marginRight: 0,
    x: { domain: [0, most], axis: null },
    y: { domain: data.map((d) => d.row), range: [row.text, inner - row.gap], paddingInner: (row.text + row.gap) / step, axis: null },
    marks: [
      Plot.barX(data, { x1: 0, x2: most, y: 'row', fill: 'var(--track)' }),
      Plot.barX(
        data.filter((d) => d.before > d.amount),
        {
          x1: 'amount',
          x2: 'before',
          y: 'row',
          fill: 'none',
          stroke: 'var(--soft)',
          strokeDasharray: '3 3',
          inset: 0.5,
        },
      ),
      Plot.barX(data, { x1: 0, x2: 'amount', y: 'row', fill: 'var(--a)' }),
      Plot.text(data, { ...text, text: (d: Bar) => shorten(d.name, narrow ? 34 : 80), frameAnchor: 'left' }),
      Plot.text(data, { ...text, text: 'value', frameAnchor: 'right', fontVariant: 'tabular-nums', fontWeight: '600' }),
    ],
  });
}
