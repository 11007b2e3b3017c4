/** Operators that move elements: what they refuse, and that each gradient is the adjoint of its reading for any attributes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { sizeOf, type Tensor } from '../../src/base/tensor.js';
import { type Attributes, Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import { type AxisRead, readAxes, readDims, spread } from '../../src/ops/axis-read.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferNode } from '../../src/ops/infer.js';
import { opOf } from '../../src/ops/list.js';
import { NodeView, type Ref } from '../../src/ops/op.js';

const fresh = (opset = 18) => new Builder(Graph.empty('t'), opset, inferNode);
const floats = (...data: readonly number[]): Tensor => ({ dtype: 'float32', dims: [data.length], data: Float32Array.from(data) });

interface Refusal {
  readonly op: string;
  readonly dims: readonly number[];
  readonly constants?: readonly (readonly number[] | Tensor | null)[];
  readonly attributes?: Attributes;
  readonly opset?: number;
  readonly outputs?: number;
  readonly code: string;
}

const huge = 2 ** 52;
const refusals: readonly (Refusal & { readonly title: string })[] = [
  { title: 'a shape of another size', op: 'Reshape', dims: [2, 3], constants: [[4]], code: 'input.node' },
  { title: 'two open sizes', op: 'Reshape', dims: [2, 3], constants: [[-1, -1]], code: 'input.node' },
  { title: 'a kept axis that is not there', op: 'Reshape', dims: [6], constants: [[6, 0]], code: 'input.node' },
  { title: 'an open size beside nothing', op: 'Reshape', dims: [0, 3], constants: [[0, -1]], code: 'input.node' },
  { title: 'an axis outside', op: 'Flatten', dims: [2, 3], attributes: { axis: 3 }, code: 'input.node' },
  { title: 'an axis twice', op: 'Transpose', dims: [2, 3], attributes: { perm: [0, 0] }, code: 'input.node' },
  { title: 'an axis twice', op: 'ReduceSum', dims: [2, 3], constants: [[1, -1]], code: 'input.node' },
  { title: 'an axis outside', op: 'ReduceMean', dims: [2, 3], constants: [[2]], code: 'input.axis' },
  { title: 'a step of 0', op: 'Slice', dims: [4], constants: [[0], [2], [0], [0]], code: 'input.node' },
  { title: 'ends that are missing', op: 'Slice', dims: [4], constants: [[0, 1], [2]], code: 'input.node' },
  { title: 'too few pads', op: 'Pad', dims: [2, 3], constants: [[1, 1]], code: 'input.node' },
  { title: 'an unknown mode', op: 'Pad', dims: [3], constants: [[1, 1]], attributes: { mode: 'mirror' }, code: 'input.node' },
  { title: 'a reflection beyond the axis', op: 'Pad', dims: [3], constants: [[3, 0]], attributes: { mode: 'reflect' }, code: 'input.node' },
  { title: 'more cropping than there is', op: 'Pad', dims: [3], constants: [[-2, -2]], code: 'input.node' },
  { title: 'more elements than numbers', op: 'Tile', dims: [2 ** 20], constants: [[huge]], code: 'input.shape' },
  {
    title: 'linear interpolation',
    op: 'Resize',
    dims: [2],
    constants: [null, floats(2)],
    attributes: { mode: 'linear' },
    code: 'unsupported.attribute',
  },
  {
    title: 'a region of interest',
    op: 'Resize',
    dims: [2],
    constants: [null, floats(2)],
    attributes: { coordinate_transformation_mode: 'tf_crop_and_resize' },
    code: 'unsupported.attribute',
  },
  { title: 'neither scales nor sizes', op: 'Resize', dims: [2], code: 'input.node' },
  { title: 'unequal parts before opset 18', op: 'Split', dims: [5], opset: 13, outputs: 2, code: 'input.node' },
  { title: 'sizes that do not add up', op: 'Split', dims: [5], constants: [[2, 2]], outputs: 2, code: 'input.node' },
  { title: 'an axis that is not of size 1', op: 'Squeeze', dims: [2, 1], constants: [[0]], code: 'input.node' },
  { title: 'an axis twice', op: 'Unsqueeze', dims: [2], constants: [[0, -3]], code: 'input.node' },
  { title: 'a shape that does not broadcast', op: 'Expand', dims: [2], constants: [[3]], code: 'input.broadcast' },
  { title: 'indices of another rank', op: 'GatherElements', dims: [2, 3], constants: [[0]], code: 'input.node' },
  { title: 'tuples longer than the rank', op: 'GatherND', dims: [2], constants: [[0, 1]], code: 'input.node' },
  { title: 'updates of another shape', op: 'ScatterElements', dims: [3], constants: [[0], floats(1, 2)], code: 'input.node' },
  {
    title: 'adding before opset 16',
    op: 'ScatterND',
    dims: [3],
    opset: 13,
    constants: [[0], { ...floats(1), dims: [] }],
    attributes: { reduction: 'add' },
    code: 'input.node',
  },
  { title: 'strings', op: 'Constant', dims: [], attributes: { value_string: 'no' }, code: 'unsupported.attribute' },
  { title: 'no value', op: 'Constant', dims: [], code: 'unsupported.attribute' },
];

test.each(refusals)('$op refuses $title', ({ op, dims, constants = [], attributes, opset, outputs, code }) => {
  const b = fresh(opset);
  const first = op === 'Constant' ? [] : [b.input('x', { dtype: 'float32', dims })];
  const rest = constants.map((c) => (c === null ? undefined : 'dtype' in c ? b.constant(c) : b.ints(...c)));
  expect(() => b.node(op, [...first, ...rest], attributes, outputs)).toThrow(expect.objectContaining({ code }));
});

test('an index outside is refused by the reference', () => {
  const b = fresh();
  const x = b.input('x', { dtype: 'float32', dims: [3] });
  const index = b.input('i', { dtype: 'int64', dims: [1] });
  b.output('y', b.Gather(x, index));
  const feeds = new Map<string, Ref>([
    ['x', { dtype: 'float32', dims: [3], data: new Float64Array(3) }],
    ['i', { dtype: 'int64', dims: [1], data: Float64Array.of(3) }],
  ]);
  expect(() => evaluate(b.graph.freeze(), 18, feeds)).toThrow(expect.objectContaining({ code: 'input.node' }));
});

test('a shape that depends on data is refused as dynamic', () => {
  const b = fresh();
  const x = b.input('x', { dtype: 'float32', dims: [4] });
  const shape = b.input('shape', { dtype: 'int64', dims: [2] });
  expect(() => b.node('Reshape', [x, shape])).toThrow(expect.objectContaining({ code: 'unsupported.dynamic' }));
});

test('shapes computed from shapes are known', () => {
  const b = fresh();
  const x = b.input('x', { dtype: 'float32', dims: [2, 3, 4] });
  const [shape] = b.node('Shape', [x]);
  const rows = b.Unsqueeze(b.Gather(shape!, b.scalar(0, 'int64')), [0]);
  expect(b.node('Reshape', [x, b.Concat([rows, b.ints(-1)], 0)])[0]!.dims).toEqual([2, 12]);
});

test('a constant of floats is a vector', () => {
  const node = {
    op: 'Constant',
    domain: '',
    name: 'c',
    inputs: [],
    outputs: ['c'],
    attributes: new Map([['value_floats', { kind: 'floats', value: [0.5, 2] } as const]]),
  };
  expect(opOf('Constant')!.reference(new NodeView(node, 18, []), [])).toEqual([
    { dtype: 'float32', dims: [2], data: Float64Array.of(0.5, 2) },
  ]);
});

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

/** ⟨read(x), dy⟩ − ⟨x, spread(dy)⟩, which is 0 where `spread` is the adjoint of the reading. */
function gap(dims: readonly number[], reads: readonly AxisRead[], given = reads): number {
  const random = new Random(5);
  const ref = (shape: readonly number[]): Ref => ({
    dtype: 'float64',
    dims: shape,
    data: Float64Array.from({ length: sizeOf(shape) }, () => random.between(-1, 1)),
  });
  const x = ref(dims);
  const dy = ref(readDims(dims, reads));
  const b = fresh();
  const input = b.input('dy', dy);
  const back = b.output('dx', spread(b, input, dims, given));
  const dx = evaluate(b.graph.freeze(), 18, new Map([[input.name, dy]])).get(back.name)!;
  expect(dx.dims).toEqual(dims);
  return Math.abs(dot(readAxes(x, reads).data, dy.data) - dot(x.data, dx.data));
}

/** Any list of positions along each of two axes, −1 included. */
const listed = fc
  .integer({ min: 1, max: 5 })
  .chain((size) =>
    fc.record({ size: fc.constant(size), from: fc.array(fc.integer({ min: -1, max: size - 1 }), { minLength: 1, maxLength: 8 }) }),
  );

test('spreading is the adjoint of reading, for any lists of positions', () => {
  fc.assert(
    fc.property(listed, listed, (a, b) => {
      const reads = [a, b].map(({ from }, axis): AxisRead => ({ axis, length: from.length, from: (i) => from[i]! }));
      expect(gap([a.size, b.size], reads)).toBeLessThan(1e-12);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('the adjoint check can say no', () => {
  const read = (from: readonly number[]): AxisRead => ({ axis: 0, length: from.length, from: (i) => from[i]! });
  expect(gap([3], [read([2, 0, 0])], [read([2, 0, 1])])).toBeGreaterThan(1e-3);
});
