/**
 * Sine and cosine from additions and multiplications alone. `Math.sin` may differ in the last bit between engines; images that pith makes
 * or moves must not.
 */
export function turn(radians: number): { readonly cos: number; readonly sin: number } {
  const quarters = Math.round(radians / (Math.PI / 2));
  const x = radians - quarters * (Math.PI / 2);
  const q = x * x;
  // Taylor series to x^15 and x^16: below 2^-52 for |x| ≤ π/4.
  const s = x * (1 - (q / 6) * (1 - (q / 20) * (1 - (q / 42) * (1 - (q / 72) * (1 - (q / 110) * (1 - (q / 156) * (1 - q / 210)))))));
  const c = 1 - (q / 2) * (1 - (q / 12) * (1 - (q / 30) * (1 - (q / 56) * (1 - (q / 90) * (1 - (q / 132) * (1 - q / 182))))));
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return { cos: c, sin: s };
    case 1:
      return { cos: -s, sin: c };
    case 2:
      return { cos: -c, sin: -s };
    default:
      return { cos: s, sin: -c };
  }
}
