/**
 * The words in which the models are written. Their sources are compiled twice: by TypeScript to JavaScript, and by AssemblyScript to
 * WebAssembly, where `assembly/ints.ts` and `assembly/range.ts` stand in for this file and for the range coder. So the models use
 * integers of 32 bits and flat arrays of them only; sums and products stay below 2^53 before they are cut to 32 bits. What may be larger
 * is a float.
 */
export type int = number;
export type float = number;
/** A whole number below 2^53. */
export type long = number;
export type ints = Int32Array;
export type bytes = Uint8Array;

export const newInts = (length: int): ints => new Int32Array(length);
export const newBytes = (length: int): bytes => new Uint8Array(length);
/** A byte as an integer: what AssemblyScript computes with bytes stays one. */
export const byteAt = (from: bytes, index: int): int => from[index]!;
/** Zeros in front of the first 1 among 32 bits. */
export const leadingZeros = (value: int): int => Math.clz32(value);
/** The lowest 32 bits of a whole number, or of one that is cut to it. */
export const toInt = (value: float): int => value | 0;
export const toFloat = (value: int): float => value;
/** The lowest 32 bits of a product. */
export const product = (a: int, b: int): int => Math.imul(a, b);
/** A product of two integers, whole, and what is left of it and of sums of such without their lowest 16 bits. */
export const times = (a: int, b: int): long => a * b;
export const by65536 = (value: long): int => Math.floor(value / 65536) | 0;
export const copyInts = (to: ints, from: ints): void => to.set(from);
/** Ints to make for at least `length`: a power of two, so that arrays which grow again and again take little more than the largest. */
export const roomFor = (length: int): int => (length <= 1 ? 1 : 2 ** (32 - Math.clz32(length - 1)));
