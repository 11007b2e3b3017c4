/** Tensors that are another one again, bit for bit: stored once, and named by number after that. */
import { crc32 } from '../codec/crc32.js';
import { byteSize, bytesOf } from '../tensor.js';
import { dimsOfStored, dtypeOfStored, type StoredTensor } from './stored.js';

/** Smaller ones cost less than to say what they repeat. */
const smallest = 16;
/** Bytes at both ends of an array that go into its fingerprint. */
const looked = 1024;

/** For each tensor the number of the first one that is the same, or undefined where it is the first. */
export function findRepeats(tensors: readonly StoredTensor[]): (number | undefined)[] {
  const seen = new Map<string, number[]>();
  return tensors.map((stored, i) => {
    if (byteSize(dtypeOfStored(stored), dimsOfStored(stored)) < smallest) return undefined;
    const { fixed, arrays } = partsOf(stored);
    const key = [fixed, ...arrays.map((bytes) => `${bytes.length}:${fingerprint(bytes)}`)].join('|');
    const before = seen.get(key) ?? [];
    const found = before.find((j) => partsOf(tensors[j]!).arrays.every((bytes, k) => equal(bytes, arrays[k]!)));
    if (found === undefined) seen.set(key, [...before, i]);
    return found;
  });
}

const fingerprint = (bytes: Uint8Array): number =>
  crc32(bytes.length <= 2 * looked ? bytes : Uint8Array.of(...bytes.subarray(0, looked), ...bytes.subarray(-looked)));

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

interface Comparable {
  readonly fixed: string;
  readonly arrays: readonly Uint8Array[];
}

function partsOf(stored: StoredTensor): Comparable {
  const raw = (...arrays: readonly (ArrayBufferView | null)[]): Uint8Array[] =>
    arrays.map((array) => (array ? new Uint8Array(array.buffer, array.byteOffset, array.byteLength) : new Uint8Array(0)));
  const shape = [stored.kind, dtypeOfStored(stored), dimsOfStored(stored).join()].join();
  switch (stored.kind) {
    case 'dense':
      return { fixed: shape, arrays: [bytesOf(stored.tensor)] };
    case 'sparse':
      return { fixed: shape, arrays: raw(stored.positions, stored.values) };
    case 'shared':
      return {
        fixed: `${shape} ${stored.gapBits} ${stored.positions === null}`,
        arrays: raw(stored.positions, stored.codebook, stored.index),
      };
    case 'uniform': {
      const { view, grid, step, rowSteps, columnSteps } = stored;
      const fixed = [shape, ...Object.values(view), grid, step, rowSteps === null, columnSteps === null].join();
      return { fixed, arrays: raw(rowSteps, columnSteps, stored.levels) };
    }
    default:
      return stored satisfies never;
  }
}
