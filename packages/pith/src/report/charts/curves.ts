/** Loss and error of each epoch over all steps that train, one after the other. Values that are not finite leave a gap. */
import * as Plot from '@observablehq/plot';
import { formatNumber, formatPercent } from '../format.js';
import type { Html } from '../markup.js';
import type { CurveRow } from '../report.js';
import { chart, type Frame, padded, percentTicks, roundStep } from './chart.js';

export interface EpochPoint {
  /** Counted from 1 over all steps. */
  readonly at: number;
  /** Counted from 1 within its step. */
  readonly epoch: number;
  readonly step: number;
  readonly use: string;
  /** Index of the curve it belongs to. */
  readonly curve: number;
  readonly loss: number;
  readonly error: number;
}

export function epochsOf(curves: readonly CurveRow[]): EpochPoint[] {
  const out: EpochPoint[] = [];
  for (const [curve, { step, use, epochs }] of curves.entries())
    for (const [epoch, { loss, error }] of epochs.entries())
      out.push({ at: out.length + 1, epoch: epoch + 1, step, use, curve, loss, error });
  return out;
}

export function curve(points: readonly EpochPoint[], what: 'loss' | 'error', { width, narrow }: Frame): Html {
  const drawn = points.filter((p) => Number.isFinite(p[what]));
  const starts = points.filter((p) => p.epoch === 1);
  const end = Math.max(2, points.length);
  const domain: [number, number] = [0.5, end + 0.5];
  const [, high] = padded([0, ...drawn.map((p) => p[what])], 0.08);
  const step = roundStep(high / 4);
  const ticks = Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
  const pixels = (width - 70) / end;
  const named = starts.filter((p, i) => ((starts[i + 1]?.at ?? end + 1) - p.at) * pixels > 7 * stepName(p).length + 8);
  return chart(what === 'loss' ? 'Training loss per epoch' : 'Training error per epoch', {
    width,
    height: narrow ? 210 : 230,
    marginTop: 30,
    marginRight: 14,
    marginBottom: 40,
    marginLeft: 54,
    x: { domain },
    y: { domain: [0, high] },
    marks: [
      Plot.gridY({ stroke: 'var(--grid)', strokeOpacity: 1, ticks }),
      Plot.axisY({
        tickSize: 0,
        ticks,
        label: null,
        ...(what === 'error' ? { tickFormat: percentTicks(step) } : {}),
      }),
      Plot.axisX({
        ticks: wholeTicks(end, narrow ? 6 : 12),
        tickSize: 5,
        label: 'epoch, over all steps',
        labelArrow: 'none',
        labelAnchor: 'center',
        tickFormat: String,
      }),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      Plot.ruleX(starts, { x: (p: EpochPoint) => p.at - 0.5, stroke: 'var(--soft)', strokeDasharray: '2 3' }),
      Plot.text(named, {
        x: (p: EpochPoint) => p.at - 0.5,
        frameAnchor: 'top',
        dy: -16,
        dx: 4,
        textAnchor: 'start',
        text: stepName,
        fill: 'var(--muted)',
      }),
      Plot.line(points, {
        x: 'at',
        y: (p: EpochPoint) => (Number.isFinite(p[what]) ? p[what] : Number.NaN),
        z: 'curve',
        stroke: 'var(--a)',
        strokeWidth: 1.75,
      }),
      Plot.dot(drawn, {
        x: 'at',
        y: what,
        r: points.length > 80 ? 1.5 : 2.75,
        fill: 'var(--a)',
        title: (p: EpochPoint) =>
          `step ${p.step}, ${p.use}, epoch ${p.epoch}: loss ${formatNumber(p.loss, 5)}, error ${formatPercent(p.error)}`,
      }),
    ],
  });
}

const stepName = ({ step, use }: EpochPoint): string => `${step} ${use.length > 12 ? `${use.slice(0, 11)}…` : use}`;

function wholeTicks(end: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((s) => end / s <= most) ?? Math.ceil(end / most);
  return Array.from({ length: Math.floor(end / step) }, (_, i) => (i + 1) * step);
}
