/** The kernels as they are compiled to WebAssembly: one line each. They know pointers and numbers; memory is the caller's. */
export { gemm, gemmScratch } from './gemm';
export { heapBase } from './heap';
