/**
 * One result from what was prepared: every weight to integers at one constant, layer after layer in the order in which the network uses
 * them, vectors nearly as they are, all else bit for bit. The same constant gives the same result, whatever was made before.
 */
import { densify, type StoredTensor, type UniformStored } from 'pith-runtime';
import type { Model, Tensor } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import { collectDrift } from '../calibrate/drift.js';
import { outputBias } from '../calibrate/output-bias.js';
import type { Samples } from '../calibrate/samples.js';
import type { Engine } from '../engine/engine.js';
import { fromRef, toRef } from '../ops/ref.js';
import { quantizeLayer } from '../quantize/quantize-layer.js';
import { Rates } from '../quantize/rates.js';
import { corrected } from './correct.js';
import type { Effort } from './effort.js';
import { fewValues } from './few-values.js';
import type { Inventory } from './inventory.js';
import type { PricedTensor } from './look.js';
import { nearStored } from './near.js';
import type { Pricing } from './pricing.js';
import { matrixOf, storedOf } from './weights.js';

/** What a bit may cost, in squared constants: the slope of error against rate that each grid has at the rates that matter. */
const lambda = { scalar: 0.1, trellis: 0.3 } as const;

/** Weights of which so many are zero were pruned: their zeros stay. */
const prunedShare = 0.2;

export interface SolveOptions {
  /** The graph that is coded, weights as they came. */
  readonly model: Model;
  readonly inventory: Inventory;
  /** In the order in which the network uses them. */
  readonly tensors: readonly PricedTensor[];
  readonly effort: Effort;
  readonly engine: Engine;
  readonly threads: number;
  readonly samples: Samples;
  readonly seed: number;
  /** The error that a step may make, as the square root of its cost: larger is smaller and less faithful. */
  readonly constant: number;
  /** A draft has one pass and no correction for what earlier layers lost: its size is that of the result, near enough. */
  readonly draft: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Of every tensor that is not stored as it is in the model. Throws `interrupted.cancelled`. */
export async function solve(options: SolveOptions): Promise<Map<string, StoredTensor>> {
  const { effort, draft, tensors, signal, onProgress } = options;
  const passes = draft ? 1 : effort.passes;
  const rates = new Rates();
  const total = passes * tensors.reduce((sum, { row }) => sum + row.elements, 0);
  let done = 0;
  const advance = async (elements: number): Promise<void> => {
    done += elements;
    onProgress?.(done, total);
    await turn(signal);
  };
  for (let pass = 1; pass < passes; pass++) await onePass({ ...options, rates, advance, correct: false });
  return onePass({ ...options, rates, advance, correct: effort.drift && !draft });
}

interface Pass extends SolveOptions {
  readonly rates: Rates;
  /** Whether layers make good for those before them. */
  readonly correct: boolean;
  readonly advance: (elements: number) => Promise<void>;
}

async function onePass(pass: Pass): Promise<Map<string, StoredTensor>> {
  const { model, inventory, tensors, effort, constant, rates, correct, advance } = pass;
  const stored = new Map<string, StoredTensor>();
  /** Initializers as they will be decoded; of layers that are still to come, as they are. */
  const current = new Map<string, Tensor>(model.graph.initializers);
  for (const entry of tensors) {
    const { row, pricing } = entry;
    const tensor = current.get(row.name)!;
    const given = matrixOf(tensor, row.view);
    const bias = pricing.biased ? current.get(row.layer!.bias!)! : null;
    const found = quantizeLayer({
      weights: correct ? await correctedWeights(pass, current, entry, given) : given,
      ...row.view,
      groups: pricing.groups,
      bias: bias && toRef(bias).data,
      price: pricing.price,
      constant,
      grid: effort.grid,
      lambda: lambda[effort.grid],
      keepZeros: given.reduce((zeros, w) => zeros + (w === 0 ? 1 : 0), 0) > prunedShare * given.length,
      rates,
    });
    await advance(row.elements);
    const few = fewValues(row, tensor);
    if (few && few.bits <= found.bits) {
      stored.set(row.name, few.stored);
      continue;
    }
    const rounded = storedOf(tensor, row.view, effort.grid, found);
    stored.set(row.name, rounded);
    current.set(row.name, decoded(rounded));
    if (bias && found.bias) current.set(row.layer!.bias!, fromRef({ ...bias, data: found.bias }));
  }
  if (correct) for (const [name, bias] of await fittedBiases(pass, current)) current.set(name, bias);
  storeVectors(pass, current, stored);
  for (const { name, tiedTo } of inventory) {
    const tied = tiedTo === undefined ? undefined : stored.get(tiedTo);
    if (tied) stored.set(name, tied);
  }
  return stored;
}

/** Correcting a wider layer takes longer than it is worth: a matrix of its width is solved. */
const widestCorrected = 1300;

/** Brought back, in the mean, to the outputs that the layer had before the layers in front of it were rounded. */
async function correctedWeights(
  { model, engine, threads, samples, signal }: SolveOptions,
  current: ReadonlyMap<string, Tensor>,
  { row, pricing }: PricedTensor,
  weights: Float64Array,
): Promise<Float64Array> {
  const { layer, view } = row;
  if (!layer || layer.op === 'Gather' || pricing.method === 'trellis' || view.columns * view.positions > widestCorrected) return weights;
  const drift = await collectDrift({ engine, threads, reference: model, current: withWeights(model, current), layer, samples, signal });
  return drift ? corrected(weights, layer, drift) : weights;
}

/** All biases at once, so that the outputs of the model come nearest to what they were. */
async function fittedBiases(options: SolveOptions, current: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
  const { model, engine, threads, samples, seed, signal } = options;
  const layers = options.tensors.flatMap(({ row, pricing }) => (pricing.biased ? [row.layer!] : []));
  if (layers.length === 0 || options.tensors.some(({ pricing }) => pricing.method === 'feedback')) return new Map();
  const found = await outputBias({
    engine,
    threads,
    reference: model,
    current: withWeights(model, current),
    layers,
    samples,
    seed,
    signal,
  });
  return new Map([...found].map(([name, data]) => [name, fromRef({ ...current.get(name)!, data: Float64Array.from(data) })]));
}

/** Its integers are held alone: the numbers are made from them at each look. */
const decoded = (stored: UniformStored): Tensor => ({
  dtype: stored.dtype,
  dims: stored.dims,
  get data() {
    return densify(stored).data;
  },
});

const withWeights = (model: Model, initializers: ReadonlyMap<string, Tensor>): Model => ({
  ...model,
  graph: { ...model.graph, initializers },
});

/** Vectors, those that the feedback has moved among them; what cannot be on a grid stands as it is. */
function storeVectors(
  { tensors, inventory, constant }: SolveOptions,
  current: ReadonlyMap<string, Tensor>,
  stored: Map<string, StoredTensor>,
): void {
  const steps = new Map<string, number>();
  for (const { row, pricing } of tensors) if (pricing.biased) steps.set(row.layer!.bias!, biasStep(pricing, constant));
  for (const { name, rule } of inventory) {
    const tensor = current.get(name);
    if (!tensor || rule === 'quantize') continue;
    const near = rule === 'near' ? nearStored(tensor, steps.get(name)) : null;
    if (near) stored.set(name, near);
    else if (steps.has(name)) stored.set(name, { kind: 'dense', tensor });
  }
}

/** Half of what the feedback would give it: a bias is one number for many weights, and nothing makes good for it. */
function biasStep({ groups, price }: Pricing, constant: number): number {
  let importance = 0;
  for (const { inputs, outputs } of groups) {
    const rows = outputs ? outputs.importance.reduce((a, b) => a + b, 0) / outputs.size : 1;
    importance += (inputs.at(-1)!.importance.at(-1)! * rows) / groups.length;
  }
  return constant / (2 * Math.sqrt(importance * price));
}
