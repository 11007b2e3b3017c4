/**
 * The words in which the models are written. Their sources are compiled twice: by TypeScript to JavaScript, and by AssemblyScript to
 * WebAssembly, where `assembly/ints.ts` and `assembly/range.ts` stand in for this file and for the range coder. So the models use
 * integers of 32 bits and flat arrays of them only; sums and products stay below 2^53 before they are cut to 32 bits.
 */
export type int = number;
export type float = number;
export type ints = Int32Array;

export const newInts = (length: int): ints => new Int32Array(length);
/** Zeros in front of the first 1 among 32 bits. */
export const leadingZeros = (value: int): int => Math.clz32(value);
export const toInt = (value: float): int => value | 0;
/** Ints to make for at least `length`: a power of two, so that arrays which grow again and again take little more than the largest. */
export const roomFor = (length: int): int => (length <= 1 ? 1 : 2 ** (32 - Math.clz32(length - 1)));
