/**
 * Second moments of the layers of a model over samples: of gradients where they can be had, of the layers' inputs elsewhere. This is the
 * front of the room; the two kinds are files of their own.
 */
import { PithError } from '../base/errors.js';
import { type Model, type NodeData, sizeOf } from '../base/tensor.js';
import type { Engine } from '../engine/engine.js';
import { bound, tell } from './bound.js';
import { forwardMoments } from './forward-moments.js';
import { gradientMoments } from './gradient-moments.js';
import { type WeightLayer, widthOf } from './layer.js';
import type { LayerMoments } from './moments.js';
import type { Samples } from './samples.js';
import type { Sides } from './two-sided.js';

export interface CollectMomentsOptions {
  readonly engine: Engine;
  readonly threads: number;
  readonly model: Model;
  readonly layers: readonly WeightLayer[];
  readonly samples: Samples;
  /** `gradient` gives forward moments to those layers that gradients do not reach. */
  readonly kind: 'gradient' | 'forward';
  /** Random directions at the output, for each sample. */
  readonly draws?: number;
  /** Sides of a layer above this many rows or columns are diagonals. */
  readonly widest?: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Passes over samples, in samples. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Moments by weight. A layer that pith cannot see (inside a subgraph or function, read by an operator that it knows nothing of) is not
 * among them. Throws `interrupted.cancelled` and what the engine throws.
 */
export async function collectMoments(options: CollectMomentsOptions): Promise<Map<string, LayerMoments>> {
  const { layers, samples, kind, draws = 4, widest = 4600, signal, onProgress } = options;
  const sidesOf = (layer: WeightLayer): Sides => ({
    input: widthOf(layer) + 1 > widest ? 'diagonal' : 'full',
    output: layer.rows / layer.groups > widest ? 'diagonal' : 'full',
  });
  let done = 0;
  const common = {
    ...options,
    draws,
    sidesOf,
    batch: batchFor(options),
    signal,
    done(count: number) {
      done += count;
      onProgress?.(done, samples.count * (kind === 'gradient' ? 2 : 1));
    },
  };
  const moments = kind === 'gradient' ? await reached(() => gradientMoments(common)) : new Map<string, LayerMoments>();
  const others = layers.filter((layer) => !moments.has(layer.weight));
  return others.length > 0 ? new Map([...moments, ...(await forwardMoments({ ...common, layers: others }))]) : moments;
}

/** Nothing where no layer has a gradient. */
async function reached(f: () => Promise<Map<string, LayerMoments>>): Promise<Map<string, LayerMoments>> {
  try {
    return await f();
  } catch (error) {
    if (error instanceof PithError && error.code === 'unsupported.gradient') return new Map();
    throw error;
  }
}

/** Values of a batch may take about this many bytes, and so many samples are enough for operators to work well. */
const batchBytes = 2 ** 28;
const mostSamples = 16;

/**
 * How many samples at a time. More than one only where samples stay apart: every value of the layers has them along its first axis,
 * which shows by what the shapes are for one sample and for several.
 */
function batchFor({ model, layers, samples }: CollectMomentsOptions): number {
  const fixed = fixedBatch(model);
  if (fixed !== undefined) return fixed;
  const several = Math.min(samples.count, mostSamples);
  const one = shapes(model, samples, 1);
  const many = shapes(model, samples, several);
  const { initializers } = model.graph;
  const values = (node: NodeData): string[] => [...node.inputs.filter((name) => !initializers.has(name)).slice(0, 1), node.outputs[0]!];
  const names = new Set(layers.flatMap(({ readers }) => readers.flatMap(values)));
  const apart = [...names].every((name) => {
    const [a, b] = [one.get(name), many.get(name)];
    return a && b && b.length === a.length && b.every((d, i) => d === a[i]! * (i === 0 ? several : 1));
  });
  if (!apart) return 1;
  const bytes = [...one].reduce((sum, [name, dims]) => sum + (initializers.has(name) ? 0 : 4 * sizeOf(dims)), 0);
  return Math.max(1, Math.min(several, Math.floor(batchBytes / Math.max(1, bytes))));
}

function shapes(model: Model, samples: Samples, count: number): Map<string, readonly number[]> {
  const { builder, types } = bound(model, samples.feeds(0, count));
  tell(builder, types);
  return new Map([...types].map(([name, { dims }]) => [name, dims]));
}

/** The batch that the model says itself, where it is more than one. */
function fixedBatch({ graph }: Model): number | undefined {
  const sizes = graph.inputs.filter((v) => !graph.initializers.has(v.name)).map((v) => v.dims?.[0]);
  const first = sizes.find((d) => typeof d === 'number');
  return first !== undefined && first > 1 ? first : undefined;
}
