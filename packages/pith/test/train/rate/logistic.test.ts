/** Logistic regression: at its weights the slope of the likelihood is nothing. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { logisticWeights, type Samples } from '../../../src/train/rate/logistic.js';

const random = Random.of(7, 'logistic');
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());

/** Outcomes of three features by these weights. */
function sampled(count: number, truth: readonly number[]): Samples {
  const features = normals(3 * count).map((x, i) => (i % 3 === 0 ? 1 : x));
  const outcomes = Uint8Array.from({ length: count }, (_, i) =>
    random.unit() < 1 / (1 + Math.exp(-truth.reduce((sum, w, k) => sum + w * features[3 * i + k]!, 0))) ? 1 : 0,
  );
  return { features, outcomes, shares: new Float64Array(count).fill(1), prior: new Float64Array(3), tries: 30 };
}

/** The largest part of the slope of the log-likelihood, the hold towards the prior included. */
function slopeAt({ features, outcomes, shares, prior }: Samples, weights: ArrayLike<number>): number {
  const slope = Array.from(prior, (p, k) => p - weights[k]!);
  outcomes.forEach((outcome, i) => {
    const odds = slope.reduce((sum, _, k) => sum + weights[k]! * features[prior.length * i + k]!, 0);
    for (let k = 0; k < prior.length; k++)
      slope[k]! += shares[i]! * (outcome - 1 / (1 + Math.exp(-odds))) * features[prior.length * i + k]!;
  });
  return Math.max(...slope.map(Math.abs));
}

describe('Logistic regression', () => {
  test.each([
    ['common outcomes', [0.2, 1, -0.5]],
    ['rare ones', [-4, 1.5, 0.5]],
  ])('finds the most likely weights of %s', (_, truth) => {
    const samples = sampled(4000, truth);
    const weights = logisticWeights(samples);
    // the rounding of sums of four thousand numbers
    expect(slopeAt(samples, weights)).toBeLessThan(1e-3);
    expect(slopeAt(samples, logisticWeights({ ...samples, tries: 2 })), 'a twin that stops early').toBeGreaterThan(0.1);
    expect(slopeAt(samples, [weights[0]!, weights[1]! + 0.2, weights[2]!]), 'a twin beside them').toBeGreaterThan(5);
    // rare outcomes are some hundred of the four thousand: a standard error is about 0.1
    for (const [k, w] of truth.entries()) expect(Math.abs(weights[k]! - w)).toBeLessThan(0.4);
  });

  test('counts a sample as often as its share says', () => {
    const samples = sampled(500, [0, 1, 0]);
    const twice: Samples = {
      ...samples,
      features: Float64Array.of(...samples.features, ...samples.features),
      outcomes: Uint8Array.of(...samples.outcomes, ...samples.outcomes),
      shares: new Float64Array(1000).fill(1),
    };
    const shares = samples.shares.map(() => 2);
    const of = logisticWeights({ ...samples, shares });
    for (const [k, w] of logisticWeights(twice).entries()) expect(of[k]).toBeCloseTo(w, 6);
    expect(of[1]).not.toBeCloseTo(logisticWeights(samples)[1]!, 4);
  });

  test('stays finite where an outcome can be told for sure, where features are the same, and where there is nothing', () => {
    const samples = sampled(300, [0, 1, 0]);
    const sure = { ...samples, outcomes: samples.outcomes.map((_, i) => (samples.features[3 * i + 1]! > 0 ? 1 : 0)) };
    const same = { ...samples, features: samples.features.map(() => 1) };
    const prior = Float64Array.of(0, 1, 0);
    const none: Samples = { features: new Float64Array(0), outcomes: new Uint8Array(0), shares: new Float64Array(0), prior, tries: 30 };
    for (const given of [sure, same]) expect(logisticWeights(given).every(Number.isFinite)).toBe(true);
    expect(logisticWeights(sure)[1]).toBeGreaterThan(2);
    expect([...logisticWeights(none)]).toEqual([...prior]);
  });
});
