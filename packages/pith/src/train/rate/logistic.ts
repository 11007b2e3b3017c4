/** Logistic regression with few weights, by Newton's method (iteratively reweighted least squares). */

/** A weight that is one away from the prior costs as much as half a nat of the data. */
const ridge = 1;
/** Log-odds that a round reckons with. */
const farthest = 30;

export interface Samples {
  /** [count][width]. */
  readonly features: Float64Array;
  /** What each was, 0 or 1. */
  readonly outcomes: Uint8Array;
  /** For how many each stands. */
  readonly shares: Float64Array;
  /** What weights are held towards. */
  readonly prior: Float64Array;
  /** How often weights are tried: thirty times are enough for any, few leave them on the way from the prior. */
  readonly tries: number;
}

/** The weights under which the outcomes are most likely, held towards the prior. A step that makes things worse is halved. */
export function logisticWeights({ features, outcomes, shares, prior, tries }: Samples): Float64Array {
  const width = prior.length;
  let weights: Float64Array = prior;
  let step: Float64Array = new Float64Array(width);
  let best = Number.NEGATIVE_INFINITY;
  const slope = new Float64Array(width);
  const curve = new Float64Array(width * width);
  for (let round = 0; round < tries; round++) {
    const tried = weights.map((w, k) => w + step[k]!);
    curve.fill(0);
    let fit = 0;
    for (let k = 0; k < width; k++) {
      const away = tried[k]! - prior[k]!;
      fit -= (ridge / 2) * away * away;
      slope[k] = -ridge * away;
      curve[k * width + k] = ridge;
    }
    for (let i = 0, at = 0; i < outcomes.length; i++, at += width) {
      let odds = 0;
      for (let k = 0; k < width; k++) odds += tried[k]! * features[at + k]!;
      odds = Math.min(Math.max(odds, -farthest), farthest);
      const less = Math.exp(-odds);
      const chance = 1 / (1 + less);
      const share = shares[i]!;
      fit -= share * (Math.log(1 + less) + (outcomes[i] === 1 ? 0 : odds));
      const error = share * (outcomes[i]! - chance);
      const bend = share * chance * (1 - chance);
      for (let k = 0; k < width; k++) {
        slope[k]! += error * features[at + k]!;
        const bent = bend * features[at + k]!;
        for (let j = 0, to = k * width; j <= k; j++, to++) curve[to]! += bent * features[at + j]!;
      }
    }
    if (fit < best) step = step.map((s) => s / 2);
    else {
      best = fit;
      weights = tried;
      step = solved(curve, slope);
    }
  }
  return weights;
}

/** Solves a symmetric positive system, of which the lower half is given, by Cholesky's factors; the matrix is lost. */
function solved(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const x = right.slice();
  for (let k = 0; k < n; k++) {
    for (let j = 0; j <= k; j++) {
      let sum = matrix[k * n + j]!;
      for (let i = 0; i < j; i++) sum -= matrix[k * n + i]! * matrix[j * n + i]!;
      matrix[k * n + j] = j === k ? Math.sqrt(Math.max(sum, 1e-9)) : sum / matrix[j * n + j]!;
    }
    for (let i = 0; i < k; i++) x[k]! -= matrix[k * n + i]! * x[i]!;
    x[k]! /= matrix[k * n + k]!;
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) x[k]! -= matrix[i * n + k]! * x[i]!;
    x[k]! /= matrix[k * n + k]!;
  }
  return x;
}
