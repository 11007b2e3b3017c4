/** Laws that hold for all shapes and values: broadcasting, and reverse mode as a linear map. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradients } from '../../src/autodiff/gradient.js';
import { Random } from '../../src/base/random.js';
import { broadcast, broadcastStrides } from '../../src/base/shape.js';
import { sizeOf } from '../../src/base/tensor.js';
import { Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/value.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferGraph, inferNode } from '../../src/ops/infer.js';
import type { Ref } from '../../src/ops/op.js';
import { worst } from '../support/compare.js';

const settings = { seed: 20261, numRuns: 150 } as const;
const rounding = { abs: 1e-12, rel: 1e-12, because: 'float64 sums of at most a few hundred terms in another order' };

/** Two shapes that broadcast: a common shape, of which each side drops leading axes and makes others 1. */
const shapePair = fc
  .array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  .chain((full) =>
    fc.tuple(
      ...[0, 1].map(() =>
        fc
          .tuple(fc.nat(full.length), fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }))
          .map(([drop, ones]) => full.map((d, i) => (ones[i] ? 1 : d)).slice(drop)),
      ),
    ),
  )
  .map(([a, b]) => [a!, b!] as const);

const random = (dims: readonly number[], stream: Random): Ref => ({
  dtype: 'float64',
  dims,
  data: Float64Array.from({ length: sizeOf(dims) }, () => stream.between(0.1, 2)),
});

/** Evaluates what `write` builds over the inputs, or the gradient of the sum of its elements. */
function calculate(inputs: readonly Ref[], write: (op: Builder, ...x: Value[]) => Value, differentiate = false): readonly Ref[] {
  const graph = Graph.empty('law');
  const builder = new Builder(graph, 18, inferNode);
  const values = inputs.map((ref, i) => builder.input(`x${i}`, ref));
  const y = write(builder, ...values);
  const shown = differentiate ? gradientsOf(builder, y, values) : [y];
  for (const v of shown) graph.outputs.push({ name: v.name, dtype: v.dtype, dims: v.dims });
  const results = evaluate(graph.freeze(), 18, new Map(values.map((v, i) => [v.name, inputs[i]!])));
  return shown.map((v) => ({ dtype: v.dtype, dims: v.dims, data: results.get(v.name)!.data }));
}

function gradientsOf(builder: Builder, y: Value, to: readonly Value[]): readonly Value[] {
  const loss = builder.ReduceSum(y, undefined, false);
  const types = inferGraph(builder.graph, builder.opset, () => 1);
  const found = gradients({ builder, types, of: loss.name, to: to.map((v) => v.name) });
  return to.map((v) => found.get(v.name)!);
}

type BinaryWord = 'Add' | 'Mul' | 'Max' | 'Min' | 'Sub' | 'Div' | 'Pow';

const commutes = (word: BinaryWord) =>
  fc.property(shapePair, fc.nat(), ([a, b], seed) => {
    const stream = Random.of(seed, word);
    const pair = [random(a, stream), random(b, stream)];
    const [left] = calculate(pair, (op, x, y) => op[word](x!, y!));
    const [right] = calculate(pair, (op, x, y) => op[word](y!, x!));
    return left!.dims.join() === right!.dims.join() && left!.data.every((v, i) => v === right!.data[i]);
  });

for (const word of ['Add', 'Mul', 'Max', 'Min'] as const)
  test(`${word} commutes for all shapes that broadcast`, () => fc.assert(commutes(word), settings));

test('the law of commuting can say no: Sub', () => expect(fc.check(commutes('Sub'), settings).failed).toBe(true));

for (const word of ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min'] as const)
  test(`gradients of ${word} have the shapes of its inputs`, () =>
    fc.assert(
      fc.property(shapePair, fc.nat(), ([a, b], seed) => {
        const stream = Random.of(seed, word);
        const both = calculate([random(a, stream), random(b, stream)], (op, x, y) => op[word](x!, y!), true);
        expect(both.map((r) => r.dims)).toEqual([a, b]);
        expect(both.map((r) => r.data.length)).toEqual([sizeOf(a), sizeOf(b)]);
      }),
      settings,
    ));

/** Σ over the places where each element of an input of `dims` is read, by walking the broadcast shape. */
function summedBack(values: Float64Array, full: readonly number[], dims: readonly number[]): Float64Array {
  const strides = broadcastStrides(dims, full);
  const sums = new Float64Array(sizeOf(dims));
  values.forEach((v, i) => {
    let rest = i;
    let at = 0;
    for (let d = full.length - 1; d >= 0; d--) {
      at += (rest % full[d]!) * strides[d]!;
      rest = Math.floor(rest / full[d]!);
    }
    sums[at]! += v;
  });
  return sums;
}

test('the gradient of a broadcast product is the other factor, summed over the repeats', () =>
  fc.assert(
    fc.property(shapePair, fc.nat(), ([a, b], seed) => {
      const stream = Random.of(seed, 'repeats');
      const [x, y] = [random(a, stream), random(b, stream)];
      const [da] = calculate([x, y], (op, u, v) => op.Mul(u!, v!), true);
      const full = broadcast(a, b);
      const [spread] = calculate([y], (op, v) => op.Expand(v!, full));
      expect(worst(da!.data, summedBack(spread!.data, full, a), rounding)).toBeLessThanOrEqual(1);
    }),
    settings,
  ));

/** Smooth operators of one input that are defined on 0.1 … 2. */
const words = ['Exp', 'Log', 'Sqrt', 'Sigmoid', 'Tanh', 'Erf', 'Softmax', 'LogSoftmax', 'Reciprocal', 'Neg', 'Abs', 'Relu'] as const;
const vector = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }));

function sumLaw(factor: number) {
  return fc.property(fc.constantFrom(...words), fc.constantFrom(...words), vector, fc.nat(), (f, g, dims, seed) => {
    const x = [random(dims, Random.of(seed, f, g))];
    const [both] = calculate(x, (op, v) => op.Add(op[f](v!), op[g](v!)), true);
    const [first] = calculate(x, (op, v) => op[f](v!), true);
    const [second] = calculate(x, (op, v) => op[g](v!), true);
    const sum = first!.data.map((v, i) => v + factor * second!.data[i]!);
    return worst(both!.data, sum, rounding) <= 1;
  });
}

test('the gradient of a sum is the sum of the gradients', () => fc.assert(sumLaw(1), settings));

test('the law of sums can say no: a gradient counted one per mille too high', () =>
  expect(fc.check(sumLaw(1.001), settings).failed).toBe(true));

test('the chain rule: the gradient of g(f(x)) is that of g at f(x) times that of f', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('Exp', 'Sigmoid', 'Sqrt', 'Tanh'),
      fc.constantFrom('Exp', 'Log', 'Erf'),
      vector,
      fc.nat(),
      (f, g, dims, seed) => {
        const x = [random(dims, Random.of(seed, f, g))];
        const [whole] = calculate(x, (op, v) => op[g](op[f](v!)), true);
        const [inner] = calculate(x, (op, v) => op[f](v!), true);
        const [outer] = calculate(
          calculate(x, (op, v) => op[f](v!)),
          (op, v) => op[g](v!),
          true,
        );
        expect(
          worst(
            whole!.data,
            inner!.data.map((v, i) => v * outer!.data[i]!),
            rounding,
          ),
        ).toBeLessThanOrEqual(1);
      },
    ),
    settings,
  ));
