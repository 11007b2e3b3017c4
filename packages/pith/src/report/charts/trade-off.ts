/**
 * Error against size for several ways to make a network small: a line for each, by falling size, told apart by symbol and dash as well as by
 * colour. Points that have no finite size or error are not drawn.
 */
import * as Plot from '@observablehq/plot';
import { formatPercent } from '../format.js';
import { type Html, html } from '../markup.js';
import { errorAxis } from './axes.js';
import { byteTick, chart, type Frame, logTicks, padded, roundStep } from './chart.js';

export interface TradeOffPoint {
  /** Of the whole file. */
  readonly bytes: number;
  /** Top-1, 0 … 1. */
  readonly error: number;
  /** What is said of it where somebody points at it. */
  readonly title: string;
}

export interface TradeOffCurve {
  readonly name: string;
  readonly points: readonly TradeOffPoint[];
}

export interface TradeOff {
  readonly label: string;
  readonly curves: readonly TradeOffCurve[];
  /** Error before, drawn as a line. */
  readonly reference: number;
  /** A ring is drawn around it. */
  readonly chosen?: TradeOffPoint | undefined;
}

/** Enough looks for any list of methods; they come again where there are more. */
const symbols = ['circle', 'triangle', 'square', 'diamond', 'star', 'cross', 'wye', 'times', 'plus', 'asterisk', 'hexagon'] as const;
const colours = ['var(--a)', 'var(--b)', 'var(--ink)', 'var(--good)', 'var(--bad)', 'var(--muted)'] as const;
const dashes = ['none', '5 4', '2 3', '8 3 2 3'] as const;

interface Look {
  readonly symbol: (typeof symbols)[number];
  readonly stroke: string;
  readonly strokeDasharray: string;
}

const lookOf = (i: number): Look => ({
  symbol: symbols[i % symbols.length]!,
  stroke: colours[i % colours.length]!,
  strokeDasharray: dashes[Math.floor(i / colours.length) % dashes.length]!,
});

/** What can be drawn, by falling size. */
const drawable = ({ points }: TradeOffCurve): TradeOffPoint[] =>
  points
    .filter((p) => Number.isFinite(p.bytes) && p.bytes > 0 && Number.isFinite(p.error) && p.error >= 0)
    .sort((a, b) => b.bytes - a.bytes);

interface Axes {
  readonly x: (p: TradeOffPoint) => number;
  readonly y: (p: TradeOffPoint) => number;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xTick: (x: number) => string;
  readonly yTick: (y: number) => string;
  readonly yType: 'log' | 'linear';
  readonly yDomain: readonly [number, number];
  readonly yTicks: readonly number[];
  /** Where the reference lies. */
  readonly rule: number;
}

/** Bytes against error, both logarithmic where errors differ much. */
export function tradeOff(given: TradeOff, frame: Frame): Html {
  const errors = given.curves.flatMap(drawable).map((p) => p.error);
  const axis = errorAxis([...errors, given.reference].filter((e) => Number.isFinite(e) && e >= 0));
  return drawn(given, frame, {
    x: (p) => p.bytes,
    y: (p) => p.error,
    xLabel: 'bytes of the whole file (logarithmic)',
    yLabel: axis.type === 'log' ? 'top-1 error on the test part (logarithmic)' : 'top-1 error on the test part',
    xTick: byteTick,
    yTick: axis.format,
    yType: axis.type,
    yDomain: axis.domain,
    yTicks: axis.ticks,
    rule: given.reference,
  });
}

/** Losses of accuracy beyond this are below the picture, as in the paper. */
const deepest = -0.06;

/** As Figure 6 of Deep Compression: accuracy that is lost, downwards, against the share of the size that is left. */
export function accuracyLoss(given: TradeOff & { readonly original: number }, frame: Frame): Html {
  const { reference, original } = given;
  const y = (p: TradeOffPoint): number => reference - p.error;
  const kept = given.curves.map((c) => ({ ...c, points: drawable(c).filter((p) => y(p) >= deepest) }));
  const [low, high] = padded([0, ...kept.flatMap((c) => c.points.map(y))], 0.12);
  const step = roundStep((high - low) / 6);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
  return drawn({ ...given, curves: kept }, frame, {
    x: (p) => p.bytes / original,
    y,
    xLabel: 'size of the file, of float32 (logarithmic)',
    yLabel: 'accuracy against the reference, in points',
    xTick: (x) => `${Number((100 * x).toPrecision(3))} %`,
    yTick: (v) => `${v > 1e-12 ? '+' : ''}${Number((100 * v).toFixed(4))}`,
    yType: 'linear',
    yDomain: [low, high],
    yTicks: ticks,
    rule: 0,
  });
}

function drawn({ label, curves, chosen }: TradeOff, { width, narrow }: Frame, axes: Axes): Html {
  const all = curves.flatMap(drawable);
  const [low, high] = padded(
    all.map((p) => Math.log10(axes.x(p))),
    0.06,
  );
  const x: [number, number] = all.length > 0 ? [10 ** low, 10 ** high] : [1, 10];
  const at = { x: axes.x, y: axes.y };
  return chart(label, {
    width,
    height: narrow ? 320 : 420,
    marginTop: 24,
    marginRight: narrow ? 14 : 24,
    marginBottom: 40,
    marginLeft: 58,
    x: { type: 'log', domain: x },
    y: { type: axes.yType, domain: [...axes.yDomain] },
    marks: [
      Plot.gridY([...axes.yTicks], { stroke: 'var(--grid)', strokeOpacity: 1 }),
      Plot.axisY({
        ticks: [...axes.yTicks],
        tickSize: 0,
        label: axes.yLabel,
        labelArrow: 'none',
        labelOffset: 58,
        tickFormat: axes.yTick,
      }),
      Plot.axisX({
        ticks: logTicks(...x, narrow ? 5 : 8),
        tickSize: 5,
        label: axes.xLabel,
        labelArrow: 'none',
        labelAnchor: 'center',
        tickFormat: axes.xTick,
      }),
      Plot.ruleY([axes.yDomain[0]], { stroke: 'var(--axis)' }),
      Plot.ruleY(Number.isFinite(axes.rule) ? [axes.rule] : [], { stroke: 'var(--ink)', strokeDasharray: '1 4', strokeWidth: 1.5 }),
      ...curves.flatMap((curve, i) => {
        const { symbol, stroke, strokeDasharray } = lookOf(i);
        const points = drawable(curve);
        return [
          Plot.line(points, { ...at, stroke, strokeDasharray, strokeWidth: 1.75 }),
          Plot.dot(points, {
            ...at,
            symbol,
            stroke,
            strokeWidth: 1.5,
            fill: 'var(--paper)',
            r: narrow ? 3.5 : 4.5,
            title: (p: TradeOffPoint) => `${curve.name}: ${p.title}`,
          }),
        ];
      }),
      Plot.dot(chosen ? [chosen] : [], { ...at, r: narrow ? 8 : 10, stroke: 'var(--ink)', strokeWidth: 1.5 }),
    ],
  });
}

/** What the lines mean. */
export function tradeOffLegend(curves: readonly TradeOffCurve[], reference: number): Html {
  const sign = (i: number): Html => {
    const { symbol, stroke, strokeDasharray } = lookOf(i);
    const ends = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
    ];
    return chart(curves[i]!.name, {
      width: 34,
      height: 16,
      margin: 0,
      axis: null,
      x: { domain: [0, 1], range: [1, 33] },
      y: { domain: [-1, 1], range: [15, 1] },
      marks: [
        Plot.line(ends, { x: 'x', y: 'y', stroke, strokeDasharray, strokeWidth: 1.75 }),
        Plot.dot([{ x: 0.5, y: 0 }], { x: 'x', y: 'y', symbol, stroke, strokeWidth: 1.5, fill: 'var(--paper)', r: 4.5 }),
      ],
    });
  };
  return html`<ul class="legend">${curves.map(({ name }, i) => html`<li>${sign(i)}${name}</li>`)}<li><svg width="34" height="16" viewBox="0 0 34 16" aria-hidden="true"><path d="M0 8H34" stroke="var(--ink)" stroke-dasharray="1 4" stroke-width="1.5" /></svg>before: ${formatPercent(reference)}</li></ul>`;
}
