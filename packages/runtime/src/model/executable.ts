/** A plan bound to one set of shapes: memory laid out, weights in the heap, one call after the other with its pointers. */
import { PithError } from '../errors.js';
import type { StoredTensor } from '../format/stored.js';
import type { Machine } from '../kernels/machine.js';
import type { Work } from '../operators/operator.js';
import { bytesOfSpec, countOf, type Spec } from '../operators/value.js';
import { type Placement, peakOf, placed, type Slot } from './arena.js';
import { place, placeNumbers } from './constants.js';
import { productScratch, runProduct, scratchOf, tablesOf } from './fold.js';
import type { Inferred, Job } from './infer.js';
import { type Location, layOut, type Root } from './layout.js';
import type { KeptProduct, Weights } from './weights.js';

export interface Step {
  readonly job: Job;
  readonly call: () => void;
  readonly product: KeptProduct | undefined;
}

export interface Executable {
  readonly steps: readonly Step[];
  readonly inputs: ReadonlyMap<string, { readonly spec: Spec; readonly pointer: number }>;
  /** A pointer, or a constant. */
  readonly outputs: readonly { readonly name: string; readonly spec: Spec; readonly from: number | StoredTensor }[];
  /** Bytes for activations and scratch, with reuse. */
  readonly arenaBytes: number;
  /** The most bytes of activations that are needed at once. */
  readonly peakBytes: number;
  readonly inferred: Inferred;
}

export interface Ends {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Weights that are not in the heap yet are put there first, to stay. Throws `limit.memory`. */
export function executableOf(inferred: Inferred, ends: Ends, weights: Weights, machine: Machine): Executable {
  const { values, jobs, made } = inferred;
  const locations = layOut(
    inferred,
    ends.inputs,
    ends.outputs.filter((name) => !values.get(name)?.constant && values.has(name)),
  );
  const constants = [...locations].flatMap(([name, { root }]) => (root.constant === name ? [name] : []));
  const products = jobs.map(({ of, work }) => (work.kind === 'product' ? weights.product(of, work) : undefined));
  for (const name of constants) if (!made.has(name)) weights.constant(name);
  weights.close(ends.outputs);

  const pointers = new Map(
    constants.map((name): [string, number] => [name, made.has(name) ? place(machine, made.get(name)!) : weights.constant(name)]),
  );
  const roots = [...new Set([...locations.values()].map(({ root }) => root))].filter((root) => root.free);
  // what does not fit fails before tables are made for it
  const mark = machine.mark();
  machine.allocate(peakOf(roots));
  machine.release(mark);
  const bounds = jobs.map(({ work }, i) => (work.kind === 'product' && !isEmpty(work) ? products[i]!.bind(work.product) : undefined));
  const tables = jobs.map(({ work }) => tablesOf(work).map((table) => placeNumbers(machine, table)));
  const scratch = jobs.map(({ work }, step): Slot => {
    const bytes = work.kind === 'kernel' ? scratchOf(work, machine) : productScratch(work, bounds[step]);
    return { bytes, first: step, last: step };
  });
  const slots = [...roots, ...scratch];
  const placement = placed(slots);
  const base = machine.allocate(placement.bytes);
  const pointerOf = pointersIn(placement, roots, base, pointers);
  const at = (name: string | undefined): number => (name ? pointerOf(locations.get(name)!) : 0);

  const steps = jobs.flatMap((job, i): Step[] => {
    const { work, outputs } = job;
    if (work.kind === 'alias' || isEmpty(work)) return [];
    const x = job.inputs.map(at);
    const y = outputs.map(at);
    const scratchAt = base + placement.offsets[roots.length + i]!;
    if (work.kind === 'product') {
      const bound = bounds[i]!;
      return [{ job, product: products[i], call: () => runProduct(work, bound, machine, x[0]!, y[0]!, scratchAt, tables[i]!) }];
    }
    // a concatenation whose parts were all made in their places
    if (work.kind !== 'kernel' || work.parts?.every((start, k) => x[k] === y[0]! + start)) return [];
    const call = { machine, kernels: machine.exports, x, y, scratch: scratchAt, tables: tables[i]! };
    return [{ job, product: undefined, call: () => work.run(call) }];
  });
  return {
    steps,
    inputs: new Map(ends.inputs.map((name) => [name, { spec: values.get(name)!, pointer: at(name) }])),
    outputs: ends.outputs.map((name) => outputOf(name, inferred, weights, at)),
    arenaBytes: placement.bytes,
    peakBytes: peakOf(roots),
    inferred,
  };
}

/** Nothing comes out. */
const isEmpty = ({ outputs }: Work): boolean => outputs.every(({ dims }) => countOf(dims) === 0);

function outputOf(name: string, { values }: Inferred, weights: Weights, at: (name: string) => number): Executable['outputs'][number] {
  const spec = values.get(name) ?? weights.spec(name);
  if (!spec) throw new PithError('input.node', { at: { tensor: name }, expected: 'an output that a node makes', got: 'none' });
  const constant = values.get(name)?.constant ?? (values.has(name) ? undefined : weights.stored(name));
  return { name, spec, from: constant ?? at(name) };
}

function pointersIn(
  { offsets }: Placement,
  roots: readonly Root[],
  base: number,
  constants: ReadonlyMap<string, number>,
): (location: Location) => number {
  const starts = new Map(roots.map((root, i) => [root, base + offsets[i]!]));
  return ({ root, offset }) => {
    if (root.constant !== undefined) return constants.get(root.constant)! + offset;
    const outer = root.outer;
    return starts.get(outer.root)! + outer.offset + offset;
  };
}

/** Bytes of the value that a step makes. */
export const activationBytes = ({ work }: Job): number => work.outputs.reduce((sum, spec) => sum + bytesOfSpec(spec), 0);
