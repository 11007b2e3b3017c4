/** Work whose inputs are all known is done while planning, by the same kernels. */
import { densify, type StoredTensor } from '../format/stored.js';
import type { Bound } from '../kernels/choice.js';
import type { Machine } from '../kernels/machine.js';
import type { KernelWork, ProductWork, Work } from '../operators/operator.js';
import { bytesOfSpec, countOf, type Inputs } from '../operators/value.js';
import { cheapest } from './choose.js';
import { numbersOf, place, placeNumbers, readBack, storedOf } from './constants.js';

/** The outputs as constants. What was taken of the heap is given back. Throws `limit.memory`. */
export function folded(work: Work, inputs: Inputs, takes: readonly number[], machine: Machine): StoredTensor[] {
  if (work.kind === 'known') return [storedOf(work.outputs[0]!, work.data)];
  const given = inputs.map((value) => value?.constant);
  if (work.kind === 'alias') {
    const numbers = numbersOf(densify(given[0]!).data);
    return work.outputs.map((spec, i) => {
      const start = work.offsets[i]! / 4;
      return storedOf(spec, numbers.slice(start, start + countOf(spec.dims)));
    });
  }
  const mark = machine.mark();
  try {
    const x = given.map((stored, i) => (stored && !takes.includes(i) && (work.kind === 'kernel' || i === 0) ? place(machine, stored) : 0));
    const y = work.outputs.map((spec) => machine.allocate(bytesOfSpec(spec)));
    if (work.outputs.every(({ dims }) => countOf(dims) > 0))
      (work.kind === 'kernel' ? runKernel : foldProduct)(work as never, x, y, machine);
    return work.outputs.map((spec, i) => readBack(machine, spec, y[i]!));
  } finally {
    machine.release(mark);
  }
}

export const scratchOf = ({ scratchBytes = 0 }: KernelWork, machine: Machine): number =>
  typeof scratchBytes === 'number' ? scratchBytes : scratchBytes(machine);

export function tablesOf(work: Work): readonly (Float32Array | Int32Array)[] {
  if (work.kind === 'kernel') return work.tables ?? [];
  return work.kind === 'product' ? (work.after?.tables ?? []) : [];
}

/** What the product gives lies at the beginning, where it is not the output. */
export function productScratch(work: Work, bound: Bound | undefined): number {
  return (bound?.scratchBytes ?? 0) + (work.kind === 'product' && work.after ? aligned(work.after.bytes) : 0);
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export function runProduct(
  { after }: ProductWork,
  bound: Bound,
  machine: Machine,
  x: number,
  y: number,
  scratch: number,
  tables: readonly number[],
): void {
  if (!after) bound.run(x, y, scratch);
  else {
    bound.run(x, scratch, scratch + aligned(after.bytes));
    after.run(machine.exports, scratch, y, tables);
  }
}

function runKernel(work: KernelWork, x: readonly number[], y: readonly number[], machine: Machine): void {
  const tables = (work.tables ?? []).map((table) => placeNumbers(machine, table));
  const scratch = machine.allocate(scratchOf(work, machine));
  work.run({ machine, kernels: machine.exports, x, y, scratch, tables });
}

function foldProduct(work: ProductWork, x: readonly number[], y: readonly number[], machine: Machine): void {
  const { product } = work;
  let bound: Bound;
  if (product.of === 'conv') bound = cheapest(product.choices(false)).pack(machine).bind(product.shape);
  else bound = cheapest(product.choices(false)).pack(machine).bind(product.shape);
  const tables = tablesOf(work).map((table) => placeNumbers(machine, table));
  runProduct(work, bound, machine, x[0]!, y[0]!, machine.allocate(productScratch(work, bound)), tables);
}
