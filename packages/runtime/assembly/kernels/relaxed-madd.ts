/** Stands in for madd.ts: as the processor does it quickest. */

/** sum + a · b, the product rounded before it is added or not. @inline */
export function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.relaxed_madd(a, b, sum);
}
