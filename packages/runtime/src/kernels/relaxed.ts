/** Whether this host has relaxed SIMD: asked with the smallest module that needs it. */

/** A function that gives `f32x4.relaxed_madd` of three vectors. */
const asks = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 19, 1, 17, 0, 0x41, 0, 0xfd, 15, 0x41, 0, 0xfd, 15, 0x41, 0, 0xfd, 15, 0xfd, 0x85, 2, 0x0b],
];

/**
 * Whether `load` can be given `pith-runtime/kernels.relaxed.wasm` as `wasm`: Chrome and Edge from 114 on, Node from 22. Those kernels are
 * quicker on dense layers where the processor multiplies and adds in one step; their results differ in the last bits from one processor to
 * another, which those of the package never do.
 */
export const hasRelaxedSimd = (): boolean => typeof WebAssembly === 'object' && WebAssembly.validate(Uint8Array.from(asks));
