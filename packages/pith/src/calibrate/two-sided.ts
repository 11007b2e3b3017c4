/**
 * Second moments of weight gradients from their factors, as graph nodes. With Gr = Σ over places of row factor · column factor, per sample
 * and draw: input Σ Grᵀ·P·Gr and output Σ Gr·Q·Grᵀ, P and Q the identity in a first pass and the whitening inverses in a second.
 * Either side may be the diagonal alone. Where a layer has few places, Gr is never made: with row factor L and column factor R,
 * input = Rᵀ·(LᵀPL)·R, in which the draws add up before the wide product, so that they cost next to nothing.
 */
import { sizeOf } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { flip } from './matrix-reading.js';

export type Side = 'full' | 'diagonal';

/** Which sides are whole matrices. */
export interface Sides {
  readonly input: Side;
  readonly output: Side;
  /** Equal runs of columns between which input moments are taken for zero: 1, or more in a wide layer without groups. */
  readonly blocks: number;
}

export interface Factors {
  /** [samples, groups, draws·rows, places]. */
  readonly left: Value;
  /** [samples, groups, places, width]; in blocks [samples, blocks, places, width of a block]. */
  readonly right: Value;
  readonly draws: number;
}

/** What gradients are whitened by: [groups, n, n] for a full side, [groups, n] for a diagonal one. */
export interface Whitening {
  readonly input: Value;
  readonly output: Value;
}

/** [groups, width, width] or [groups, width], and [groups, rows, rows] or [groups, rows]. */
export interface SidedValues {
  readonly input: Value;
  readonly output: Value;
}

interface Sizes {
  readonly samples: number;
  readonly groups: number;
  readonly draws: number;
  readonly rows: number;
  readonly places: number;
  readonly width: number;
}

function sizesOf({ left, right, draws }: Factors): Sizes {
  const [samples, groups, all, places] = left.dims as [number, number, number, number];
  return { samples, groups, draws, rows: all / draws, places, width: right.dims[3]! };
}

export function sidedMoments(op: Builder, factors: Factors, sides: Sides, whitening?: Whitening): SidedValues {
  const { blocks } = sides;
  if (blocks > 1) {
    // each block is treated as a group of its own, with all rows
    const repeated = (v: Value, axis: number): Value => op.Expand(v, v.dims.with(axis, blocks));
    const each = sidedMoments(
      op,
      { ...factors, left: repeated(factors.left, 1) },
      { ...sides, blocks: 1 },
      whitening && { input: whitening.input, output: repeated(whitening.output, 0) },
    );
    return { input: each.input, output: op.ReduceSum(each.output, [0], true) };
  }
  const sizes = sizesOf(factors);
  const words: Words = { op, factors, sizes, sides, whitening };
  return byPlacesCost(sizes, sides) < byGradientCost(sizes, sides) ? byPlaces(words) : byGradient(words);
}

/** Multiplications per sample. */
function byPlacesCost({ draws, rows, places, width }: Sizes, { input, output }: Sides): number {
  const all = draws * rows;
  const wide = input === 'full' ? 2 * places * width * width : 0;
  return 2 * places * places * (all + width) + wide + (output === 'full' ? all * rows * places : 0);
}

function byGradientCost({ draws, rows, places, width }: Sizes, { input, output }: Sides): number {
  const all = draws * rows;
  const wide = input === 'full' ? 2 * all * width * width : 0;
  return all * width * places + wide + (output === 'full' ? 2 * all * rows * width : 0);
}

interface Words {
  readonly op: Builder;
  readonly factors: Factors;
  readonly sizes: Sizes;
  readonly sides: Sides;
  readonly whitening: Whitening | undefined;
}

function byPlaces({ op, factors: { left, right }, sizes, sides, whitening }: Words): SidedValues {
  const whiteLeft = whitening ? whitenRows(op, left, whitening.output, sizes, sides.output) : left;
  const whiteRight = whitening ? whitenColumns(op, right, whitening.input, sides.input) : right;
  const between = op.MatMul(op.MatMul(flip(op, left), whiteLeft), right);
  const across = op.MatMul(left, op.MatMul(whiteRight, flip(op, right)));
  const { samples, groups, draws, rows, places } = sizes;
  const byPlace = (v: Value): Value => {
    const turned = flip(op, op.Reshape(v, [samples, groups, draws, rows, places]));
    return op.Reshape(turned, [samples, groups, draws * places, rows]);
  };
  return {
    input: sides.input === 'full' ? contract(op, right, between) : contractDiagonal(op, right, between),
    output: sides.output === 'full' ? contract(op, byPlace(left), byPlace(across)) : contractDiagonal(op, byPlace(left), byPlace(across)),
  };
}

function byGradient({ op, factors: { left, right }, sizes, sides, whitening }: Words): SidedValues {
  const { samples, groups, draws, rows, width } = sizes;
  const gradient = op.MatMul(left, right);
  const whiteRows = whitening ? whitenRows(op, gradient, whitening.output, sizes, sides.output) : gradient;
  const whiteColumns = whitening ? whitenColumns(op, gradient, whitening.input, sides.input) : gradient;
  const apart = (v: Value): Value => op.Reshape(v, [samples, groups, draws, rows, width]);
  const output = (): Value =>
    sides.output === 'full'
      ? op.ReduceSum(op.MatMul(apart(whiteColumns), flip(op, apart(gradient))), [0, 2], false)
      : op.ReduceSum(op.Mul(apart(whiteColumns), apart(gradient)), [0, 2, 4], false);
  return {
    input: sides.input === 'full' ? contract(op, gradient, whiteRows) : contractDiagonal(op, gradient, whiteRows),
    output: output(),
  };
}

/** Whitens [samples, groups, draws·rows, n] along the rows. */
function whitenRows(op: Builder, v: Value, by: Value, { samples, groups, draws, rows }: Sizes, side: Side): Value {
  const apart = op.Reshape(v, [samples, groups, draws, rows, v.dims[3]!]);
  const white =
    side === 'full' ? op.MatMul(op.Reshape(by, [groups, 1, rows, rows]), apart) : op.Mul(op.Reshape(by, [groups, 1, rows, 1]), apart);
  return op.Reshape(white, v.dims);
}

/** Whitens [samples, groups, n, width] along the columns. */
const whitenColumns = (op: Builder, v: Value, by: Value, side: Side): Value =>
  side === 'full' ? op.MatMul(v, by) : op.Mul(v, op.Unsqueeze(by, [1]));

/** Σ over samples and n of aᵀ·b, for [samples, groups, n, k] and [samples, groups, n, l]: [groups, k, l]. */
export function contract(op: Builder, a: Value, b: Value): Value {
  const [samples, groups, n, k] = a.dims as [number, number, number, number];
  const l = b.dims[3]!;
  if (groups === 1) {
    const product = op.Gemm(op.Reshape(a, [samples * n, k]), op.Reshape(b, [samples * n, l]), undefined, { transA: 1 });
    return op.Reshape(product, [1, k, l]);
  }
  const merged = (v: Value, width: number): Value => op.Reshape(op.Transpose(v, [1, 0, 2, 3]), [groups, samples * n, width]);
  return op.MatMul(flip(op, merged(a, k)), merged(b, l));
}

/** The diagonal of `contract`: [groups, k]. */
export const contractDiagonal = (op: Builder, a: Value, b: Value): Value => op.ReduceSum(op.Mul(a, b), [0, 2], false);

/**
 * [samples, 1, places, outer · width] as [samples, blocks, places, outer · width / blocks]: each block has its run of the `width` columns,
 * `outer` times where kernel elements stand outside of them.
 */
export function inBlocks(op: Builder, columns: Value, blocks: number, outer: number): Value {
  if (blocks === 1) return columns;
  const [samples, , places, all] = columns.dims as [number, number, number, number];
  const run = all / outer / blocks;
  const apart = op.Transpose(op.Reshape(columns, [samples, places, outer, blocks, run]), [0, 3, 1, 2, 4]);
  return op.Reshape(apart, [samples, blocks, places, outer * run]);
}

/** One more column of [samples, groups, places, width], of ones: what a bias is multiplied with. */
export function withOnes(op: Builder, columns: Value): Value {
  const dims = [...columns.dims.slice(0, -1), 1];
  const ones = op.constant({ dtype: 'float32', dims, data: new Float32Array(sizeOf(dims)).fill(1) }, 'ones');
  return op.Concat([columns, ones], 3);
}
