/**
 * A model made small without labels. What does not depend on how coarse the result is to be is done once (`prepareSqueeze`: constants
 * lifted, batch norms folded, a rule and a method for each tensor); `quantize` then gives all tensors at one global constant, as
 * often as a search asks for it.
 */
import type { StoredTensor } from 'pith-runtime';
import type { Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import type { Samples } from '../calibrate/samples.js';
import type { Engine } from '../engine/engine.js';
import { type FoldedBatchNorms, foldBatchNorm } from '../rewrite/fold-batch-norm.js';
import { liftConstants } from '../rewrite/lift-constants.js';
import { type InventoryRow, inventory } from './inventory.js';
import { roundTensor } from './round.js';

export interface SqueezeSetup {
  readonly model: Model;
  readonly engine: Engine;
  readonly threads: number;
  /** 0 … 9. */
  readonly effort: number;
  /** Inputs to look at the model with: the user's own, or made ones. */
  readonly samples: Samples;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What becomes of a tensor. */
export type Method =
  /** Kept bit for bit. */
  | 'exact'
  /** Kept on a grid much finer than that of weights. */
  | 'near'
  /** Rounded by error and rate, with one step for the tensor. */
  | 'round'
  /** As an earlier tensor with the same contents. */
  | 'tied';

export interface PlanRow extends InventoryRow {
  readonly method: Method;
}

export interface QuantizeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Elements that are done, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Prepared {
  /** What the file decodes to, but for the values of the quantized tensors. */
  readonly model: Model;
  readonly plan: readonly PlanRow[];
  readonly batchNorms: Pick<FoldedBatchNorms, 'folded' | 'refused'>;
  /** Constants that make sense, and the one to begin with. */
  readonly constants: { readonly least: number; readonly usual: number; readonly most: number };
  /** All tensors that are not kept bit for bit. A larger constant is coarser. The same constant gives the same tensors. */
  quantize(constant: number, options?: QuantizeOptions): Promise<Map<string, StoredTensor>>;
}

export async function prepareSqueeze({ model: given, signal }: SqueezeSetup): Promise<Prepared> {
  const { model, ...batchNorms } = foldBatchNorm(liftConstants(given));
  const plan = inventory(model).map((row): PlanRow => ({ ...row, method: methodOf(row) }));
  await turn(signal);
  return {
    model,
    plan,
    batchNorms,
    constants: { least: 2 ** -12, usual: 0.15, most: 8 },
    quantize: (constant, options = {}) => quantize(model, plan, constant, options),
  };
}

/** The plan of a file that keeps every bit. */
export const keepEverything = (model: Model): PlanRow[] =>
  inventory(model).map((row) => ({ ...row, rule: 'exact', because: 'lossless was asked for', method: 'exact' }));

function methodOf({ rule, tiedTo }: InventoryRow): Method {
  if (rule === 'exact') return 'exact';
  if (tiedTo !== undefined) return 'tied';
  return rule === 'near' ? 'near' : 'round';
}

/** Vectors are few: a grid so much finer than that of weights costs next to nothing. */
const nearer = 1 / 32;
const coarsestNear = 1 / 128;

async function quantize(
  { graph }: Model,
  plan: readonly PlanRow[],
  constant: number,
  { signal, onProgress }: QuantizeOptions,
): Promise<Map<string, StoredTensor>> {
  const total = plan.reduce((sum, row) => sum + row.elements, 0);
  const stored = new Map<string, StoredTensor>();
  let done = 0;
  for (const { name, method, elements, view, tiedTo } of plan) {
    await turn(signal);
    const tensor = graph.initializers.get(name);
    const vector = { rows: 1, columns: elements, positions: 1, transposed: false };
    const earlier = tiedTo === undefined ? undefined : stored.get(tiedTo);
    if (method === 'tied' && earlier) stored.set(name, earlier);
    else if (method === 'round' && tensor) stored.set(name, roundTensor(tensor, { view: view ?? vector, constant }));
    else if (method === 'near' && tensor)
      stored.set(name, roundTensor(tensor, { view: vector, constant: Math.min(coarsestNear, constant * nearer) }));
    done += elements;
    onProgress?.(done, total);
  }
  return stored;
}
