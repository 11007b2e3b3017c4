/**
 * A model made small without labels. What does not depend on how coarse the result is to be is done once (`prepareSqueeze`: constants
 * lifted, batch norms folded, a rule and a method for each tensor); `quantize` then gives all tensors at one global constant, as
 * often as a search asks for it.
 */
import type { StoredTensor } from 'pith-runtime';
import { sortedGraph } from '../base/order.js';
import type { Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import type { Samples } from '../calibrate/samples.js';
import type { Engine } from '../engine/engine.js';
import { type FoldedBatchNorms, foldBatchNorm } from '../rewrite/fold-batch-norm.js';
import { liftConstants } from '../rewrite/lift-constants.js';
import { effortFor } from './afford.js';
import type { Effort } from './effort.js';
import { type InventoryRow, inventory } from './inventory.js';
import { look, type PricedTensor, type WeightRow } from './look.js';
import { nearStored } from './near.js';
import { roundTensor } from './round.js';
import { solve } from './solve.js';

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
  /** Rounded on a trellis by error and rate, each error priced by its size alone. */
  | 'trellis'
  /** On a trellis with feedback: later weights of a row make good for the errors of earlier ones, by what flows into the layer. */
  | 'feedback'
  /** On a trellis with feedback in rows and between rows, by what flows in and by what the outputs do to those of the model. */
  | 'two-sided feedback'
  /** As an earlier tensor with the same contents. */
  | 'tied';

export interface PlanRow extends InventoryRow {
  readonly method: Method;
}

export interface QuantizeOptions {
  /** Quick and nearly of the size of the result: for a search. */
  readonly draft?: boolean;
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
  /** Whether a draft takes less time than a result. */
  readonly hasDrafts: boolean;
  /** All tensors that are not kept bit for bit. A larger constant is coarser. The same constant gives the same tensors. */
  quantize(constant: number, options?: QuantizeOptions): Promise<Map<string, StoredTensor>>;
}

/** Throws what the engine throws where the model does not run on the samples, `interrupted.cancelled`. */
export async function prepareSqueeze(setup: SqueezeSetup): Promise<Prepared> {
  const { model, ...batchNorms } = foldBatchNorm(codable(setup.model));
  const rows = inventory(model);
  const effort = effortFor(setup.effort, setup.model);
  await turn(setup.signal);
  if (effort.grid === 'scalar') {
    const plan = rows.map((row): PlanRow => ({ ...row, method: methodOf(row, 'round') }));
    const constants = { least: 2 ** -12, usual: 0.15, most: 8 };
    return {
      model,
      plan,
      batchNorms,
      constants,
      hasDrafts: false,
      quantize: (constant, options = {}) => quantize(model, plan, constant, options),
    };
  }
  const weights = rows.filter((row): row is WeightRow => row.rule === 'quantize' && row.tiedTo === undefined && row.view !== undefined);
  const tensors = await look({ ...setup, model, rows: weights, effort });
  const methods = new Map(tensors.map(({ row, pricing }) => [row.name, pricing]));
  const plan = rows.map((row): PlanRow => {
    const pricing = methods.get(row.name);
    if (!pricing) return { ...row, method: methodOf(row, 'trellis') };
    const because = pricing.because === undefined ? row.because : `${row.because}; ${pricing.because}`;
    return { ...row, because, method: pricing.method };
  });
  const { engine, threads, samples, seed } = setup;
  const solving = { model, inventory: rows, tensors, effort, engine, threads, samples, seed };
  return {
    model,
    plan,
    batchNorms,
    constants: constantsFor(tensors, effort),
    hasDrafts: true,
    quantize: (constant, { draft = false, ...options } = {}) => solve({ ...solving, ...options, constant, draft }),
  };
}

/** Error that a weight makes on average, in squared constants: what the trellis leaves at the rates that matter. */
const errorOfWeight = 0.24;
/** What is expected of the result where nothing else is asked for: error of the first output over its variance. */
const usualError = 0.006;

function constantsFor(tensors: readonly PricedTensor[], effort: Effort): Prepared['constants'] {
  const weights = Math.max(
    1,
    tensors.reduce((sum, { row }) => sum + row.elements, 0),
  );
  const usual = Math.sqrt(usualError / (errorOfWeight * weights));
  return { least: usual / 2 ** 12, usual: effort.look === 'none' ? usual / 2 : usual, most: usual * 2 ** 7 };
}

/** A model as a file holds it: nodes after those that they read from, weights where they are coded as tensors. Means the same. */
export const codable = (model: Model): Model => liftConstants({ ...model, graph: sortedGraph(model.graph) });

/** The plan of a file that keeps every bit. */
export const keepEverything = (model: Model, because: string): PlanRow[] =>
  inventory(model).map((row) => ({ ...row, rule: 'exact', because, method: 'exact' }));

function methodOf({ rule, tiedTo }: InventoryRow, ofWeights: Method): Method {
  if (rule === 'exact') return 'exact';
  if (tiedTo !== undefined) return 'tied';
  return rule === 'near' ? 'near' : ofWeights;
}

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
    const near = method === 'near' && tensor ? nearStored(tensor, undefined) : null;
    if (near) stored.set(name, near);
    done += elements;
    onProgress?.(done, total);
  }
  return stored;
}
