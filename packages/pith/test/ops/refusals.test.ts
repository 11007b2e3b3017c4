/** Nodes that operators refuse, each with the code and the words of the error; and definitions checked against published numbers. */
import { expect, test } from 'vitest';
import { gradients } from '../../src/autodiff/gradient.js';
import { PithError } from '../../src/base/errors.js';
import { type DType, sizeOf } from '../../src/base/tensor.js';
import { type Attributes, Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/value.js';
import { erf } from '../../src/ops/Erf.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferGraph, inferNode } from '../../src/ops/infer.js';
import type { Ref } from '../../src/ops/op.js';
import { fromRef } from '../../src/ops/ref.js';

interface Refusal {
  readonly title: string;
  readonly op: string;
  readonly inputs: readonly (readonly [DType, readonly number[], number])[];
  readonly attributes?: Attributes;
  readonly code: string;
  readonly says: RegExp;
}

const x = ['float32', [2, 3], 0.5] as const;
const refusals: readonly Refusal[] = [
  { title: 'a sum of two types', op: 'Add', inputs: [x, ['float64', [3], 1]], code: 'input.node', says: /type float32, got float64/ },
  {
    title: 'shapes that do not broadcast',
    op: 'Mul',
    inputs: [x, ['float32', [2], 1]],
    code: 'input.broadcast',
    says: /\[2,3\] and \[2\]/,
  },
  {
    title: 'an integer divided by 0',
    op: 'Div',
    inputs: [
      ['int64', [2], 4],
      ['int64', [], 0],
    ],
    code: 'input.node',
    says: /other than 0/,
  },
  {
    title: 'an integer power without end',
    op: 'Pow',
    inputs: [
      ['int64', [], 10],
      ['int64', [], 400],
    ],
    code: 'numeric.integer',
    says: /Infinity/,
  },
  { title: 'a condition of numbers', op: 'Where', inputs: [x, x, x], code: 'input.node', says: /bool, got float32/ },
  { title: 'values of two types', op: 'Where', inputs: [['bool', [3], 1], x, ['float64', [], 1]], code: 'input.node', says: /float64/ },
  { title: 'a slope larger than x', op: 'PRelu', inputs: [x, ['float32', [4, 2, 3], 1]], code: 'input.node', says: /\[4,2,3\]/ },
  { title: 'a bound for each element', op: 'Clip', inputs: [x, x], code: 'input.node', says: /scalar, got shape \[2,3\]/ },
  { title: 'an axis outside', op: 'Softmax', inputs: [x], attributes: { axis: 2 }, code: 'input.axis', says: /-2 … 1, got 2/ },
  { title: 'a maximum of two types', op: 'Max', inputs: [x, ['float64', [3], 1]], code: 'input.node', says: /float64/ },
  { title: 'a maximum of nothing', op: 'Max', inputs: [], code: 'input.node', says: /an input 0, got none/ },
  { title: 'a cast to strings', op: 'Cast', inputs: [x], attributes: { to: 8 }, code: 'input.node', says: /got 8/ },
  { title: 'a cast to nothing', op: 'Cast', inputs: [x], code: 'input.node', says: /attribute to/ },
  { title: 'an unknown approximation', op: 'Gelu', inputs: [x], attributes: { approximate: 'fast' }, code: 'input.node', says: /"fast"/ },
  {
    title: 'dropping',
    op: 'Dropout',
    inputs: [x, ['float32', [], 0.5], ['bool', [], 1]],
    code: 'unsupported.random',
    says: /training_mode true/,
  },
];

const filled = (dtype: DType, dims: readonly number[], value: number): Ref => ({
  dtype,
  dims,
  data: new Float64Array(sizeOf(dims)).fill(value),
});

function calculate({ op, inputs, attributes }: Pick<Refusal, 'op' | 'inputs' | 'attributes'>): Ref {
  const graph = Graph.empty('refusal');
  const builder = new Builder(graph, 20, inferNode);
  const feeds = new Map<string, Ref>();
  const values = inputs.map((spec, i) => {
    const ref = filled(...spec);
    const value = builder.input(`x${i}`, ref);
    feeds.set(value.name, ref);
    return value;
  });
  const y = builder.output('y', builder.node(op, values, attributes)[0]!);
  const result = evaluate(graph.freeze(), 20, feeds).get(y.name)!;
  fromRef(result);
  return result;
}

function errorOf(act: () => unknown): PithError {
  try {
    act();
  } catch (error) {
    if (error instanceof PithError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

for (const refusal of refusals)
  test(`${refusal.op} refuses ${refusal.title}`, () => {
    const error = errorOf(() => calculate(refusal));
    expect(error.code).toBe(refusal.code);
    expect(error.message).toMatch(refusal.says);
  });

test('the table can say no: a sum of equal types is not refused', () =>
  expect(() => errorOf(() => calculate({ op: 'Add', inputs: [x, x] }))).toThrow('expected a refusal'));

/** The gradient of Σ y with respect to the first input, whose other inputs are constants. */
function slope(op: string, first: Ref, others: readonly Ref[] = [], attributes: Attributes = {}): readonly number[] {
  const graph = Graph.empty('slope');
  const builder = new Builder(graph, 20, inferNode);
  const to: Value = builder.input('x', first);
  const y = builder.node(op, [to, ...others.map((r) => builder.constant(fromRef(r)))], attributes)[0]!;
  const loss = builder.ReduceSum(y, undefined, false);
  const types = inferGraph(graph, 20, () => 1);
  const dx = gradients({ builder, types, of: loss.name, to: [to.name] }).get(to.name)!;
  graph.outputs.push({ name: dx.name, dtype: dx.dtype, dims: dx.dims });
  return [...evaluate(graph.freeze(), 20, new Map([[to.name, first]])).get(dx.name)!.data];
}

const at = (...values: number[]): Ref => ({ dtype: 'float32', dims: [values.length], data: Float64Array.from(values) });
const scalar = (value: number): Ref => filled('float32', [], value);

const kinks: readonly { readonly title: string; readonly got: () => readonly number[]; readonly slopes: readonly number[] }[] = [
  { title: 'Relu at 0: 0', got: () => slope('Relu', at(-1, 0, 1)), slopes: [0, 0, 1] },
  { title: 'LeakyRelu at 0: alpha', got: () => slope('LeakyRelu', at(0), [], { alpha: { float: 0.25 } }), slopes: [0.25] },
  { title: 'PRelu at 0: the slope', got: () => slope('PRelu', at(0), [at(0.25)]), slopes: [0.25] },
  { title: 'Elu at 0: alpha', got: () => slope('Elu', at(0), [], { alpha: { float: 2 } }), slopes: [2] },
  { title: 'Abs at 0: 0', got: () => slope('Abs', at(-3, 0, 3)), slopes: [-1, 0, 1] },
  { title: 'Clip at its bounds: 1', got: () => slope('Clip', at(-2, -1, 0, 1, 2), [scalar(-1), scalar(1)]), slopes: [0, 1, 1, 1, 0] },
  {
    title: 'HardSigmoid at its kinks: 0',
    got: () => slope('HardSigmoid', at(-1, 0, 1), [], { alpha: { float: 0.5 } }),
    slopes: [0, 0.5, 0],
  },
  { title: 'HardSwish outside its kinks: 0 and 1', got: () => slope('HardSwish', at(-4, -3, 3.5, 4)), slopes: [0, 0, 1, 1] },
  { title: 'Max of equal inputs: all to the first', got: () => slope('Max', at(1, 2), [at(1, 1), at(1, 2)]), slopes: [1, 1] },
  { title: 'Pow with exponent 0 at base 0: 0', got: () => slope('Pow', at(0, 2), [at(0, 0)]), slopes: [0, 0] },
  { title: 'Pow with exponent 2', got: () => slope('Pow', at(0, -3), [scalar(2)]), slopes: [0, -6] },
];

for (const { title, got, slopes } of kinks) test(`slope of ${title}`, () => expect(got().map((v) => v + 0)).toEqual(slopes));

test('gradients of dropping are refused by name', () => {
  const dropped = errorOf(() => slope('Dropout', at(1, 2), [scalar(0.5), filled('bool', [], 1)]));
  expect(dropped.code).toBe('unsupported.random');
  expect(slope('Dropout', at(1, 2), [scalar(0.5), filled('bool', [], 0)])).toEqual([1, 1]);
});

test('erf is right to the last digits (Abramowitz and Stegun, table 7.1, and its tail)', () => {
  const table = [
    [0, 0],
    [0.5, 0.5204998778130465],
    [-1, -0.8427007929497149],
    [2, 0.9953222650189527],
    [3.5, 0.999999256901628],
    [7, 1],
  ] as const;
  for (const [z, value] of table) expect(Math.abs(erf(z) - value)).toBeLessThan(5e-15);
});
