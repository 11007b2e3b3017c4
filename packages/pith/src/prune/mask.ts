/**
 * From scores to masks: per layer or over all layers, by the share that is kept, or by the paper's threshold (a quality factor times the
 * standard deviation of the layer's weights). Ties are broken by position, so that the same weights give the same mask everywhere.
 */
import { PithError } from '../base/errors.js';
import { type CriterionName, criteria } from './criteria/list.js';

/** Weights of a layer as they are now; those already pruned are 0 and stay pruned. */
export interface Layer {
  readonly name: string;
  readonly weights: Float32Array;
}

export type Threshold =
  /** Each layer keeps this share of its weights; by name, or one for all. */
  | { readonly scope: 'layer'; readonly density: number | Readonly<Record<string, number>> }
  /** All layers together keep this share. */
  | { readonly scope: 'global'; readonly density: number }
  /** Each layer keeps what is larger than quality × standard deviation; by name, or one for all (Han et al., 2015). */
  | { readonly scope: 'deviation'; readonly quality: number | Readonly<Record<string, number>> };

const setting = (given: number | Readonly<Record<string, number>>, name: string, what: string): number => {
  const value = typeof given === 'number' ? given : Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined || !(value >= 0) || (what === 'density' && value > 1))
    throw new PithError('usage.prune', {
      at: { tensor: name },
      expected: `a ${what}${what === 'density' ? ' in 0 … 1' : ' of at least 0'}`,
      got: String(value),
    });
  return value;
};

/** 1 where a weight is kept, by layer name. Throws `usage.prune`. */
export function masks(layers: readonly Layer[], criterion: CriterionName, threshold: Threshold): Map<string, Uint8Array> {
  const score = criteria[criterion];
  switch (threshold.scope) {
    case 'layer':
      return new Map(
        layers.map(({ name, weights }) => [
          name,
          largest([score(weights)], keptOf(weights.length, setting(threshold.density, name, 'density')))[0]!,
        ]),
      );
    case 'global': {
      const scores = layers.map(({ weights }) => score(weights));
      const size = layers.reduce((sum, l) => sum + l.weights.length, 0);
      const found = largest(scores, keptOf(size, setting(threshold.density, 'all', 'density')));
      return new Map(layers.map(({ name }, i) => [name, found[i]!]));
    }
    case 'deviation':
      return new Map(
        layers.map(({ name, weights }) => {
          const least = setting(threshold.quality, name, 'quality') * deviation(weights);
          return [name, Uint8Array.from(weights, (w) => (w !== 0 && Math.abs(w) > least ? 1 : 0))];
        }),
      );
  }
}

const keptOf = (size: number, density: number): number => Math.max(1, Math.round(size * density));

/** Standard deviation of the weights that are not pruned yet. */
export function deviation(weights: Float32Array): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const w of weights) {
    if (w === 0) continue;
    count++;
    sum += w;
    squares += w * w;
  }
  return count === 0 ? 0 : Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** The `count` largest scores over all lists; zeros (pruned weights) are never kept; equal scores in order of list and position. */
function largest(lists: readonly Float64Array[], count: number): Uint8Array[] {
  const all = Float64Array.from(lists.flatMap((l) => Array.from(l))).sort();
  const threshold = all[Math.max(0, all.length - count)] ?? 0;
  let above = 0;
  for (const scores of lists) for (const s of scores) if (s > threshold) above++;
  let ties = count - above;
  return lists.map((scores) => Uint8Array.from(scores, (s) => (s > 0 && (s > threshold || (s === threshold && ties-- > 0)) ? 1 : 0)));
}
