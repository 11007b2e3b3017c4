/** The step of every sum of products. `scripts/wasm.ts` puts relaxed-madd.ts in its place for `kernels.relaxed.wasm`. */

/** sum + a · b, the product rounded before it is added: the same bits everywhere. @inline */
export function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}
