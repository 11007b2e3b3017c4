/** The axis that errors are drawn on: logarithmic where they differ much, else with round percentages. */
import { boundsOf, logTicks, padded, percentTicks, roundStep } from './chart.js';

export interface ErrorAxis {
  readonly type: 'log' | 'linear';
  readonly domain: [number, number];
  readonly ticks: readonly number[];
  readonly format: (error: number) => string;
}

export function errorAxis(errors: readonly number[]): ErrorAxis {
  const [least, greatest] = boundsOf(errors);
  if (least > 0 && greatest > 3 * least) {
    const [low, high] = padded(errors.map(Math.log10), 0.16);
    const domain: [number, number] = [10 ** low, 10 ** high];
    return { type: 'log', domain, ticks: logTicks(...domain, 8), format: (error) => `${Number((error * 100).toPrecision(4))} %` };
  }
  const [low, high] = padded(errors, 0.25);
  const step = roundStep((high - low) / 6);
  const from = Math.ceil(Math.max(0, low) / step);
  const ticks = Array.from({ length: Math.max(0, Math.floor(high / step) - from + 1) }, (_, i) => (from + i) * step);
  return { type: 'linear', domain: [Math.max(0, low), high], ticks, format: percentTicks(step) };
}
