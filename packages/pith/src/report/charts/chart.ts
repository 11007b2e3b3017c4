/**
 * A chart is an SVG drawn by Observable Plot into a document of linkedom: no browser, no script in the page. Colours are CSS variables
 * of the page, so that one drawing serves light, dark and print. Everything is told by position, shape or dash as well as by colour.
 */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { formatBytes, formatPercent } from '../format.js';
import { allowed, type Html, html, Html as Markup } from '../markup.js';

export interface Frame {
  readonly width: number;
  /** True for the drawing that is shown on narrow screens. */
  readonly narrow: boolean;
}

const wide: Frame = { width: 880, narrow: false };
const narrow: Frame = { width: 400, narrow: true };

interface DrawnElement {
  remove(): void;
  readonly attributes: Iterable<{ readonly name: string; value: string }>;
}

/** What Plot gives back, as far as it is used here: this package is compiled without the types of a browser. */
interface Drawn {
  querySelectorAll(selector: string): Iterable<DrawnElement>;
  readonly outerHTML: string;
}

export type ChartOptions = Omit<Plot.PlotOptions, 'document' | 'style' | 'figure' | 'caption' | 'title'>;

/** Attributes whose numbers are pixels: two decimals are enough. */
const geometry = new Set(['cx', 'cy', 'd', 'transform', 'x', 'x1', 'x2', 'y', 'y1', 'y2', 'width', 'height']);

/** `label` is what a screen reader says for the whole drawing. */
export function chart(label: string, options: ChartOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const style = { fontSize: '12px', fontFamily: 'inherit', background: 'none', overflow: 'visible' };
  const svg = Plot.plot({ ...options, document, style } as Plot.PlotOptions) as unknown as Drawn;
  for (const sheet of svg.querySelectorAll('style')) sheet.remove();
  for (const element of svg.querySelectorAll('*'))
    for (const attribute of element.attributes)
      if (geometry.has(attribute.name))
        attribute.value = attribute.value.replace(/\d+\.\d{3,}(?:e-?\d+)?/g, (n) => String(Number(Number(n).toFixed(2))));
  const named = html`<svg role="img" aria-label="${label}"`.markup; // the serializer leaves < and & in attributes as they are
  return Markup.trusted(allowed(svg.outerHTML).replace(/^<svg/, () => named));
}

/** Drawn twice, for wide and for narrow screens; the style sheet shows one. */
export function responsive(draw: (frame: Frame) => Html): Html {
  return html`<div class="wide">${draw(wide)}</div><div class="narrow">${draw(narrow)}</div>`;
}

/** Round numbers within the bounds for a logarithmic axis, as many as fit. */
export function logTicks(low: number, high: number, most: number): number[] {
  const within = (steps: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
      for (const step of steps) ticks.push(step * 10 ** power);
    return ticks.filter((tick) => tick >= low && tick <= high);
  };
  const choices = [[1, 1.5, 2, 3, 4, 6, 8], [1, 2, 5], [1, 3], [1]].map(within);
  return choices.find((ticks) => ticks.length >= 2 && ticks.length <= most) ?? choices.at(-1) ?? [];
}

/** The least and the greatest of a list of any length; NaN where it is empty. */
export function boundsOf(values: readonly number[]): [number, number] {
  let [low, high] = [values[0] ?? Number.NaN, values[0] ?? Number.NaN];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Bounds with some room around; a range of width zero gets one. */
export function padded(values: readonly number[], share: number): [number, number] {
  const [low, high] = boundsOf(values);
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
}

/** The least of 1, 2 and 5 times a power of ten that is not below `rough`. */
export function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((step) => step * power >= rough * (1 - 1e-9)) ?? 10) * power;
}

/** Percentages on an axis, with the decimals that ticks this far apart need. */
export function percentTicks(step: number): (fraction: number) => string {
  const digits = Math.max(0, -Math.floor(Math.log10(step * 100) + 1e-9));
  return (fraction) => formatPercent(fraction, digits);
}

/** Sizes on an axis: round numbers need no decimals. */
export const byteTick = (bytes: number): string => formatBytes(bytes).replace('.0 ', ' ');
