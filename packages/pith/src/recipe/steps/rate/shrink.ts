/** Fewer units: the most important ones to begin with, and while training goes on those that something still reads; at the end, their order. */
import { type Model, sizeOf } from '../../../base/tensor.js';
import { levelsOfRated } from '../../../parametrization/rated.js';
import { type Cut, chooseFrom, chooseUnits, chosenDims, cutsOf, type UnitGroup, unitGroups } from '../../../rewrite/units.js';
import { isWeight, parametersOf } from '../../../train/parameters.js';
import { shapesOf } from '../../../train/rate/shape.js';
import type { Compression } from '../../step.js';

/** Groups of units that can be chosen. */
export const openGroups = (model: Model): UnitGroup[] => unitGroups(model).filter((g): g is UnitGroup => !('no' in g));

/** For each unit of a cut, a sum over its entries. */
function perUnit(values: ArrayLike<number>, dims: readonly number[], { axis, run }: Cut, of: (value: number) => number): Float64Array {
  const inner = sizeOf(dims.slice(axis + 1)) * run;
  const units = dims[axis]! / run;
  const sums = new Float64Array(units);
  for (let i = 0; i < values.length; i++) sums[Math.floor(i / inner) % units]! += of(values[i]!);
  return sums;
}

/** The model with only the `width` most important units of a group: by the norm of what comes in times the norm of what goes out. */
export function narrowed(model: Model, group: UnitGroup, width: number): Model {
  if (width >= group.count) return model;
  const norm = (cut: Cut): Float64Array => {
    const { data, dims } = model.graph.initializers.get(cut.tensor)!;
    return perUnit(data as Float32Array, dims, cut, (w) => w * w).map(Math.sqrt);
  };
  const into = norm(group.made[0]!);
  const out = group.read.map(norm).reduce((a, b) => a.map((x, i) => x + b[i]!));
  const order = Array.from(into, (_, i) => i).sort((a, b) => into[b]! * out[b]! - into[a]! * out[a]! || a - b);
  return chooseUnits(
    model,
    group,
    order.slice(0, width).sort((a, b) => a - b),
  );
}

const weightsPerByte = 6.5;
/** Pixels that a matrix reads one by one count as a tenth of one: most die. */
const pixelShare = 0.1;

/**
 * Widths to begin with for a file of so many bytes: proportional to the root of each layer's units, so that wide layers give most, and so
 * that there are almost as many weights as bits.
 */
export function widthsFor(model: Model, bytes: number): Record<string, number> {
  const groups = openGroups(model);
  const parameters = parametersOf(model).filter(isWeight);
  const shapes = shapesOf(model, parameters);
  const widths = (scale: number): Map<string, number> =>
    new Map(groups.map((g) => [g.maker, Math.min(g.count, Math.max(1, Math.round(scale * Math.sqrt(g.count))))]));
  const weights = (scale: number): number => {
    const now = widths(scale);
    return parameters.reduce((sum, { name, dims }) => {
      const made = groups.find((g) => g.maker === name);
      const read = groups.filter((g) => g.read.some((cut) => cut.tensor === name));
      const share = read.reduce((part, g) => (part * now.get(g.maker)!) / g.count, made ? now.get(name)! / made.count : 1);
      return sum + sizeOf(dims) * share * (shapes.get(name)?.imageWidth === undefined ? 1 : pixelShare);
    }, 0);
  };
  let scale = Math.sqrt(Math.max(1, ...groups.map((g) => g.count)));
  while (scale > 1 && weights(scale) > weightsPerByte * bytes) scale *= 0.98;
  return Object.fromEntries(widths(scale));
}

/** A compression and the arrays of its training: shadow weights, steps, optimizer state, prices. */
export interface Shrunk {
  readonly compression: Compression;
  readonly arrays: ReadonlyMap<string, Float32Array>;
}

/** Only these units of a group, in this order, in the model, its states, and all arrays of training that have a weight's shape. */
function choose({ compression, arrays }: Shrunk, group: UnitGroup, units: readonly number[]): Shrunk {
  const states = new Map(compression.states);
  const changed = new Map(arrays);
  for (const cut of cutsOf(group)) {
    const state = states.get(cut.tensor);
    const { dims } = compression.model.graph.initializers.get(cut.tensor)!;
    const size = sizeOf(dims);
    const steps = cut.tensor === group.maker ? (array: Float32Array) => stepsOf(array, units, group.count) : (array: Float32Array) => array;
    if (state?.kind === 'rated' || state?.kind === 'dense') {
      const chosen = { dims: chosenDims(dims, cut, units), values: chooseFrom(state.values, dims, cut, units) };
      states.set(cut.tensor, state.kind === 'rated' ? { ...state, ...chosen, logStep: steps(state.logStep) } : { ...state, ...chosen });
    }
    for (const [name, array] of arrays)
      if (name === cut.tensor || name.startsWith(`${cut.tensor}/`)) {
        if (array.length === size) changed.set(name, chooseFrom(array, dims, cut, units));
        else if (name.startsWith(`${cut.tensor}/step`)) changed.set(name, steps(array));
      }
  }
  const statistics = new Map(
    [...compression.statistics].map(([name, array]): [string, Float32Array] => {
      const cut = group.passed.find((c) => c.tensor === name);
      return [name, cut ? chooseFrom(array, [array.length], cut, units) : array];
    }),
  );
  return { compression: { model: chooseUnits(compression.model, group, units), states, statistics }, arrays: changed };
}

/** The steps of these units, where each has its own. */
const stepsOf = (array: Float32Array, units: readonly number[], count: number): Float32Array =>
  array.length === count && count > 1 ? Float32Array.from(units, (u) => array[u]!) : array;

/** Non-zero entries of each unit, summed over the cuts. */
function nonZeros({ model, states }: Compression, cuts: readonly Cut[]): Float64Array {
  return cuts
    .map((cut) => {
      const state = states.get(cut.tensor);
      const { data, dims } = model.graph.initializers.get(cut.tensor)!;
      const values = state?.kind === 'rated' ? levelsOfRated(state) : (data as Float32Array);
      return perUnit(values, dims, cut, (w) => Number(w !== 0));
    })
    .reduce((a, b) => a.map((x, i) => x + b[i]!));
}

/** Units that change nothing: nothing reads them, or they are always zero. One is left where all are dead. */
function living(compression: Compression, group: UnitGroup): number[] {
  const read = nonZeros(compression, group.read);
  const made = nonZeros(compression, group.made);
  const alive = Array.from(read, (_, i) => i).filter((i) => read[i]! > 0 && (made[i]! > 0 || !group.keepsZero));
  return alive.length > 0 ? alive : [0];
}

export const hasDead = (compression: Compression): boolean =>
  openGroups(compression.model).some((group) => living(compression, group).length < group.count);

/** Without dead units, again and again, as one that goes may leave another dead. */
export function withoutDead(given: Shrunk): Shrunk {
  let shrunk = given;
  for (let again = true; again; ) {
    again = false;
    for (const { maker } of openGroups(shrunk.compression.model)) {
      const group = openGroups(shrunk.compression.model).find((g) => g.maker === maker)!;
      const units = living(shrunk.compression, group);
      if (units.length === group.count) continue;
      shrunk = choose(shrunk, group, units);
      again = true;
    }
  }
  return shrunk;
}

/** Hidden units with many non-zeros first: the outputs stay what they are, up to the order of sums, and the coder finds dense rows together. */
export function ordered(compression: Compression): Compression {
  let shrunk: Shrunk = { compression, arrays: new Map() };
  for (const group of openGroups(compression.model)) {
    const count = nonZeros(shrunk.compression, [...group.made, ...group.read]);
    const units = Array.from(count, (_, i) => i).sort((a, b) => count[b]! - count[a]! || a - b);
    shrunk = choose(shrunk, group, units);
  }
  return shrunk.compression;
}
