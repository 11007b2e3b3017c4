/**
 * Second moments of the layers of a model over samples: of gradients where they can be had, of the layers' inputs elsewhere. This is the
 * front of the room; the two kinds are files of their own.
 */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Engine } from '../engine/engine.js';
import { batchFor } from './batch-size.js';
import { forwardMoments } from './forward-moments.js';
import { gradientMoments } from './gradient-moments.js';
import { type WeightLayer, widthOf } from './layer.js';
import type { LayerMoments } from './moments.js';
import { observer } from './observed.js';
import type { Samples } from './samples.js';
import type { Sides } from './two-sided.js';
import { widened } from './widened.js';

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
  /** Matrices are of so many rows and columns at most: wider inputs are cut into blocks of columns, wider outputs are diagonals. */
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
  const { engine, threads, layers, kind, draws = 4, widest, signal, onProgress } = options;
  const { model, samples } = widened(options.model, options.samples);
  const sidesOf = (layer: WeightLayer): Sides => sidesWithin(layer, widest);
  const observe = observer({ engine, threads, model });
  let done = 0;
  const common = {
    ...options,
    model,
    samples,
    draws,
    sidesOf,
    observe,
    batch: await batchFor({ model, layers, samples, observe }),
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

/** More blocks than these are as good as a diagonal. */
const mostBlocks = 64;

/** What is gathered of a layer, so that no matrix is wider than that. */
export function sidesWithin(layer: WeightLayer, widest = 1200): Sides {
  const width = widthOf(layer);
  const output = layer.rows / layer.groups > widest ? 'diagonal' : 'full';
  if (width <= widest) return { input: 'full', output, blocks: 1 };
  if (layer.groups === 1)
    for (let blocks = Math.ceil(width / widest); blocks <= mostBlocks; blocks++)
      if (width % blocks === 0) return { input: 'full', output, blocks };
  return { input: 'diagonal', output, blocks: 1 };
}

/** What says that gradients cannot be had: by a rule of pith, or by an engine that does not take the graph (forms of old opsets). */
const refusals: ReadonlySet<string> = new Set(['unsupported.gradient', 'input.engine-open', 'input.engine-run']);

/** Nothing where no layer has a gradient. */
async function reached(f: () => Promise<Map<string, LayerMoments>>): Promise<Map<string, LayerMoments>> {
  try {
    return await f();
  } catch (error) {
    if (error instanceof PithError && refusals.has(error.code)) return new Map();
    throw error;
  }
}
