/** The scalar twins of all kernels, in alphabetical order. */
import type { Twin } from '../twin.js';
import { conv } from './conv.js';
import { flip } from './flip.js';
import { gemm } from './gemm.js';
import { linear, linearVector, matmul, sparseVector } from './linear.js';
import { sparse, sparseConv } from './sparse.js';
import { gather, spread } from './spread.js';
import { winograd } from './winograd.js';

export const twins: readonly Twin[] = [
  conv,
  flip,
  gather,
  gemm,
  linear,
  linearVector,
  matmul,
  sparse,
  sparseConv,
  sparseVector,
  spread,
  winograd,
];
