/** The kernels as they are compiled to WebAssembly: one line each. They know pointers and numbers; memory is the caller's. */
export { conv } from './conv';
export { flip } from './flip';
export { gemm, gemmScratch } from './gemm';
export { heapBase } from './heap';
export { linear, linearScratch, linearVector } from './linear';
export { matmul, matmulScratch } from './matmul';
export { sparse, sparseConv } from './sparse';
export { sparseVector } from './sparse-vector';
export { gather, spread } from './spread';
export { winograd, winogradScratch } from './winograd';
