/** The one comparator of the test suites: a tolerance says why it is what it is, and the worst ratio is what a test asserts on. */
export interface Tolerance {
  readonly abs: number;
  readonly rel: number;
  readonly because: string;
}

/** The largest error in units of the tolerance: at most 1 passes. NaN must meet NaN, infinities must be equal. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Object.is(a, e) || a === e) continue;
    const ratio = Math.abs(a - e) / (tolerance.abs + tolerance.rel * Math.abs(e));
    most = Math.max(most, Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio);
  }
  return most;
}
