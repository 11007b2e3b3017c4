/** Moments as a graph gives them, and as solvers want them: columns in the layer's order, exactly symmetric, a row for the bias. */
import type { Side } from './two-sided.js';

export const diagonalOf = (m: Float64Array, side: Side, n: number): Float64Array =>
  side === 'diagonal' ? m : Float64Array.from({ length: n }, (_, i) => m[i * (n + 1)]!);

/** The mean of a matrix and its transpose; a diagonal as it is. */
export function symmetric(m: Float64Array, side: Side, n: number): Float64Array {
  if (side === 'diagonal') return m;
  const out = m.slice();
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const mean = (m[i * n + j]! + m[j * n + i]!) / 2;
      out[i * n + j] = mean;
      out[j * n + i] = mean;
    }
  return out;
}

export interface Arrangement {
  /** Side of the matrix as it comes. */
  readonly width: number;
  /** Whether its last column is the bias already; where not, one without weight is added. */
  readonly biased: boolean;
  /** Where each column belongs; null where they stand right. The bias stays last. */
  readonly order: Int32Array | null;
}

export function arranged(m: Float64Array, side: Side, { width, biased, order }: Arrangement): Float64Array {
  const n = biased ? width : width + 1;
  const to = (i: number): number => order?.[i] ?? i;
  const out = new Float64Array(side === 'full' ? n * n : n);
  if (side === 'diagonal') for (let i = 0; i < width; i++) out[to(i)] = m[i]!;
  else
    for (let i = 0; i < width; i++) {
      const row = to(i) * n;
      for (let j = 0; j < width; j++) out[row + to(j)] = m[i * width + j]!;
    }
  return out;
}

/** What stands one after the other for each group. */
export const split = (all: Float64Array, groups: number): Float64Array[] =>
  Array.from({ length: groups }, (_, g) => all.slice((g * all.length) / groups, ((g + 1) * all.length) / groups));

/** The diagonals of blocks of columns, each with the bias behind it, as that of the whole: the bias is that of the last. */
export function joined(blocks: readonly Float64Array[]): Float64Array {
  const width = blocks[0]!.length - 1;
  const out = new Float64Array(blocks.length * width + 1);
  blocks.forEach((block, b) => {
    out.set(block, b * width);
  });
  return out;
}

/** The order within each of several blocks of the columns, from that of the whole: `columns` channels stand innermost there. */
export function orderInBlock(order: Int32Array | null, columns: number, blocks: number): Int32Array | null {
  if (order === null || blocks === 1) return order;
  const run = columns / blocks;
  return Int32Array.from({ length: order.length / blocks }, (_, i) => order[Math.floor(i / run) * columns + (i % run)]!);
}
