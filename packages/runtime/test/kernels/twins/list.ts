/** The scalar twins of all kernels, in alphabetical order. */
import type { Twin } from '../twin.js';
import { gemm } from './gemm.js';

export const twins: readonly Twin[] = [gemm];
