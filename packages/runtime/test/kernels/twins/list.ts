/** The scalar twins of all kernels, in alphabetical order. */
import type { Twin } from '../twin.js';
import { binary, binaryInts, compare, power, select } from './binary.js';
import { conv } from './conv.js';
import { convert, fill, unary } from './elements.js';
import { flip } from './flip.js';
import { fold } from './fold.js';
import { gemm } from './gemm.js';
import { integerConv, integerLinear, largest } from './integer.js';
import { linear, linearVector, matmul, sparseVector } from './linear.js';
import { lookUp, orderRows, putOffsets, reorder, scaleRows, slice, sliceStarts, splitRows } from './pack.js';
import { copy, copyTurned, resizeNearest, resizeWeighted, take } from './places.js';
import { averagePool, maxPool, maxPool2 } from './pool.js';
import { affine, argMax, lrn, normalize, reduce, reduceInts, softmax } from './rows.js';
import { signConv, signSums } from './signs.js';
import { sparse, sparseConv } from './sparse.js';
import { gather, spread } from './spread.js';
import { winograd } from './winograd.js';

export const twins: readonly Twin[] = [
  affine,
  argMax,
  averagePool,
  binary,
  binaryInts,
  compare,
  conv,
  convert,
  copy,
  copyTurned,
  fill,
  flip,
  fold,
  gather,
  gemm,
  integerConv,
  integerLinear,
  largest,
  linear,
  linearVector,
  lookUp,
  lrn,
  matmul,
  maxPool,
  maxPool2,
  normalize,
  orderRows,
  power,
  putOffsets,
  reduce,
  reduceInts,
  reorder,
  resizeNearest,
  resizeWeighted,
  scaleRows,
  select,
  signConv,
  signSums,
  slice,
  sliceStarts,
  softmax,
  sparse,
  sparseConv,
  sparseVector,
  splitRows,
  spread,
  take,
  unary,
  winograd,
];
