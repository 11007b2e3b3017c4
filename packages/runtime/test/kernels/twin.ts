/**
 * A kernel beside its scalar twin: the same numbers by the plainest loops, in float64 where the kernel is in float32. Each kernel that the
 * module exports has one, in the list of `twins/list.ts`.
 */

import type { KernelExports } from '../../src/kernels/exports.js';
import type { Machine } from '../../src/kernels/machine.js';

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
  readonly because: string;
}

export interface Compared {
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
}

export interface TwinCase {
  readonly what: string;
  readonly tolerance: Tolerance;
  /** `spoil` changes what the kernel is handed, after the twin has computed: the comparison must then fail. */
  run(machine: Machine, spoil: (values: Float32Array | Int32Array | Uint8Array) => void): Compared;
}

export interface Twin {
  readonly name: keyof KernelExports;
  /** Over all edges of its tiles; not empty. */
  readonly cases: readonly TwinCase[];
}

/** A sum of so many products in float32, of factors of magnitude 1. */
export const sumOf = (terms: number): Tolerance => ({
  absolute: 2 ** -23 * Math.max(1, terms),
  relative: 2 ** -22,
  because: `a float32 sum of ${terms} products in another order`,
});

export const equal: Tolerance = { absolute: 0, relative: 0, because: 'whole numbers, or the same operations in the same order' };

/**
 * A sum of so many products, each of an activation of at most 1 that is off by half a step, and a weight. A step is 2⁻¹⁵ where sums of the
 * levels leave 16 bits, as all in these tests do; where inputs have steps of their own, it is as much larger as these differ.
 */
export const rounded = (terms: number, weight: number): Tolerance => ({
  absolute: (terms * weight * 0.5) / 32767 + 1e-6,
  relative: 2 ** -20,
  because: 'activations are rounded to 16 bits',
});

/** The largest error in units of what is tolerated: at most 1 passes. NaN agrees with NaN only. */
export function worst({ actual, expected }: Compared, { absolute, relative }: Tolerance): number {
  if (actual.length !== expected.length) return Infinity;
  let found = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Object.is(a, e) || a === e) continue;
    const error = Math.abs(a - e) / (absolute + relative * Math.abs(e));
    found = Math.max(found, Number.isNaN(error) ? Infinity : error);
  }
  return found;
}

/** Numbers in −1 … 1 from a seed. */
export function noise(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}
