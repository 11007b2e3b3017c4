/** Numbers that are known before running: from the file into the heap, and back as constants. */
import { PithError } from '../errors.js';
import { densify, dimsOfStored, dtypeOfStored, type StoredTensor } from '../format/stored.js';
import type { Machine } from '../kernels/machine.js';
import { isHalf } from '../operators/halves.js';
import { wayOut } from '../operators/node-view.js';
import { countOf, type Element, elements, type Spec } from '../operators/value.js';
import type { TensorData } from '../tensor.js';

/** The type that a value of this tensor has in a run: float32 for floats of 16 bits. Throws `unsupported.dtype`. */
export function elementOf(dtype: string | null, tensor: string): Element {
  const found = isHalf(dtype) ? 'float32' : elements.find((element) => element === dtype);
  if (found !== undefined) return found;
  throw new PithError('unsupported.dtype', {
    at: { tensor },
    expected: `one of ${elements.join(', ')}`,
    got: dtype ?? 'no tensor',
    fix: `convert the model to float32, or ${wayOut}`,
  });
}

export const specOf = (name: string, stored: StoredTensor): Spec => ({
  dtype: elementOf(dtypeOfStored(stored), name),
  dims: dimsOfStored(stored),
});

/** As the heap has them: whole numbers as int32, those beyond held at the ends. */
export function numbersOf(data: TensorData): Float32Array | Int32Array {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  const most = 2 ** 31 - 1;
  return Int32Array.from(data as ArrayLike<number | bigint>, (x) => Math.min(Math.max(Number(x), -most - 1), most));
}

/** A constant in the heap. Throws `limit.memory`. */
export function place(machine: Machine, stored: StoredTensor): number {
  return placeNumbers(machine, numbersOf(densify(stored).data));
}

export function placeNumbers(machine: Machine, numbers: Float32Array | Int32Array): number {
  const at = machine.allocate(numbers.byteLength);
  if (numbers instanceof Float32Array) machine.floats(at, numbers.length).set(numbers);
  else machine.ints(at, numbers.length).set(numbers);
  return at;
}

/** A value in the heap as a constant. */
export function readBack(machine: Machine, { dtype, dims }: Spec, pointer: number): StoredTensor {
  return storedOf({ dtype, dims }, copied(machine, { dtype, dims }, pointer));
}

/** The numbers of a value in the heap. */
export function copied(machine: Machine, { dtype, dims }: Spec, pointer: number): Float32Array | Int32Array {
  const count = countOf(dims);
  return dtype === 'float32' ? machine.floats(pointer, count).slice() : machine.ints(pointer, count).slice();
}

export function storedOf({ dtype, dims }: Spec, numbers: Float32Array | Int32Array): StoredTensor {
  return { kind: 'dense', tensor: { dtype, dims, data: dtype === 'float32' ? numbers : wholeNumbers[dtype](numbers) } };
}

const wholeNumbers: Readonly<Record<Exclude<Element, 'float32'>, (numbers: ArrayLike<number>) => TensorData>> = {
  int64: (numbers) => BigInt64Array.from(numbers as ArrayLike<number>, BigInt),
  int32: (numbers) => Int32Array.from(numbers),
  int16: (numbers) => Int16Array.from(numbers),
  uint16: (numbers) => Uint16Array.from(numbers),
  int8: (numbers) => Int8Array.from(numbers),
  uint8: (numbers) => Uint8Array.from(numbers),
  bool: (numbers) => Uint8Array.from(numbers),
};
