/** The gradient of the rate term, by the float64 reference, against finite differences of the rate written as a loop. */
import { describe, expect, test } from 'vitest';
import { gradients } from '../../../src/autodiff/gradient.js';
import { Random } from '../../../src/base/random.js';
import { Builder } from '../../../src/graph/builder.js';
import { Graph } from '../../../src/graph/graph.js';
import { evaluate } from '../../../src/ops/evaluate.js';
import { inferGraph, inferNode } from '../../../src/ops/infer.js';
import { roundEven, stepOfLog } from '../../../src/parametrization/rated.js';
import { lambdaName, levelPriceName, priceName, rateTerm, steepness } from '../../../src/train/rate/term.js';
import { worst } from '../../support/compare.js';

const dims = [5, 7];
const random = Random.of(11, 'rate term');
const shadow = Float64Array.from({ length: 35 }, (_, i) => Math.fround(i % 3 === 0 ? 0.02 * random.normal() : random.normal()));
const price = Float64Array.from({ length: 35 }, () => Math.fround(random.between(1, 12)));
const level = 1.5;
const lambda = 0.25;
const logs = Float32Array.from({ length: 7 }, (_, i) => Math.log(0.3) + 0.07 * i);

interface Case {
  readonly what: string;
  /** Dims of the steps in the graph, and which of them an entry has. */
  readonly stepDims: readonly number[];
  readonly stepAt: (i: number) => number;
}

const cases: readonly Case[] = [
  { what: 'one step', stepDims: [1], stepAt: () => 0 },
  { what: 'a step for each row', stepDims: [5, 1], stepAt: (i) => Math.floor(i / 7) },
  { what: 'a step for each column, which are the outputs', stepDims: [7], stepAt: (i) => i % 7 },
];

const sizeOfSteps = ({ stepDims }: Case): number => stepDims.reduce((a, b) => a * b, 1);

/** λ times the rate, of weights over their steps; zeros of the integers do not move where only the steps do. */
function rate(weights: Float64Array, stepOf: (i: number) => number, only: (i: number) => boolean): number {
  let sum = 0;
  for (const [i, w] of weights.entries()) {
    if (!only(i)) continue;
    const t = Math.abs(w / stepOf(i));
    sum += (price[i]! * Math.log(1 + steepness * t)) / Math.log(1 + steepness) + level * Math.max(0, t - 1);
  }
  return lambda * sum;
}

function found(given: Case): { term: number; ofWeights: Float64Array; ofSteps: Float64Array } {
  const { stepDims } = given;
  const builder = new Builder(Graph.empty('rate'), 17, inferNode);
  const inputs = [builder.input('w/shadow', { dtype: 'float32', dims }), builder.input('w/step', { dtype: 'float32', dims: stepDims })];
  const term = builder.output(
    'term',
    rateTerm(builder, [{ name: 'w', dims }], {
      feed: (name, shape) => builder.input(name, { dtype: 'float32', dims: shape }),
      feedRows: () => expect.unreachable('prices are the same for all images'),
      trained: () => inputs,
    }),
  );
  const types = inferGraph(builder.graph.freeze(), 17, () => 1);
  const grads = gradients({ builder, types, of: term.name, to: ['w/shadow', 'w/step'] });
  for (const name of ['w/shadow', 'w/step']) builder.output(`d ${name}`, grads.get(name)!);
  const ref = (shape: readonly number[], data: Float64Array) => ({ dtype: 'float32' as const, dims: shape, data });
  const values = evaluate(
    builder.graph.freeze(),
    17,
    new Map([
      ['w/shadow', ref(dims, shadow)],
      ['w/step', ref(stepDims, Float64Array.from(logs.subarray(0, sizeOfSteps(given))))],
      [priceName('w'), ref(dims, price)],
      [levelPriceName('w'), ref([1], Float64Array.of(level))],
      [lambdaName, ref([1], Float64Array.of(lambda))],
    ]),
  );
  return {
    term: values.get('term')!.data[0]!,
    ofWeights: values.get('d w/shadow')!.data,
    ofSteps: values.get('d w/step')!.data,
  };
}

const differences = { abs: 1e-5, rel: 1e-5, because: 'central differences in doubles, constants of the graph in float32' };

describe.each(cases)('the rate term with $what', (given) => {
  const { stepAt } = given;
  const steps = Array.from(logs, stepOfLog);
  const stepOf = (i: number): number => steps[stepAt(i)]!;
  const { term, ofWeights, ofSteps } = found(given);

  test('is zero, so that the loss that is reported is that of the task', () => {
    expect(term).toBe(0);
  });

  test('pulls each weight as the rate does', () => {
    const h = 1e-6;
    const expected = shadow.map((_, i) => {
      const moved = (by: number): number => rate(shadow.with(i, shadow[i]! + by), stepOf, (k) => k === i);
      return (moved(h) - moved(-h)) / (2 * h);
    });
    expect(worst(ofWeights, expected, differences)).toBeLessThanOrEqual(1);
    const others = expected.map((g) => 1.001 * g);
    expect(worst(ofWeights, others, differences)).toBeGreaterThan(1);
  });

  test('pulls each step by its entries that are not zero', () => {
    const h = 1e-6;
    const set = (i: number): boolean => roundEven(shadow[i]! / stepOf(i)) !== 0;
    expect(shadow.filter((_, i) => set(i)).length).toBeGreaterThan(10);
    const slope = (which: number, only: (i: number) => boolean): number => {
      const moved = (by: number): number =>
        rate(
          shadow,
          (i) => stepOf(i) * Math.exp(by),
          (i) => stepAt(i) === which && only(i),
        );
      return (moved(h) - moved(-h)) / (2 * h);
    };
    const count = sizeOfSteps(given);
    const slopes = (only: (i: number) => boolean): number[] => Array.from({ length: count }, (_, which) => slope(which, only));
    expect(worst(ofSteps, slopes(set), differences)).toBeLessThanOrEqual(1);
    expect(
      worst(
        ofSteps,
        slopes(() => true),
        differences,
      ),
    ).toBeGreaterThan(1);
  });
});
