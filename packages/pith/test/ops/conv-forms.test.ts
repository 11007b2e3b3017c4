/** Which form the gradients of a convolution take, by shape (that each is right is the conformance suite's), and what Conv refuses. */
import { expect, test } from 'vitest';
import { gradients } from '../../src/autodiff/gradient.js';
import { PithError } from '../../src/base/errors.js';
import { type Attributes, Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/value.js';
import { inferNode } from '../../src/ops/infer.js';

interface Sample {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attributes?: Attributes;
}

/** The heavy operators of the gradient with respect to one input, in order. */
function heavyOps({ x, w, attributes = {} }: Sample, wanted: 'x' | 'w'): string[] {
  const builder = new Builder(Graph.empty('conv'), 18, inferNode);
  const inputs: Record<'x' | 'w', Value> = {
    x: builder.input('x', { dtype: 'float32', dims: x }),
    w: builder.input('w', { dtype: 'float32', dims: w }),
  };
  const y = builder.Conv(inputs.x, inputs.w, undefined, attributes);
  const loss = builder.ReduceSum(y, undefined, false);
  const forward = builder.graph.nodes.length;
  const types = new Map([inputs.x, inputs.w, y, loss].map((v) => [v.name, v]));
  gradients({ builder, types, of: loss.name, to: [wanted] });
  const heavy = ['Conv', 'ConvTranspose', 'MatMul', 'Slice'];
  return builder.graph.nodes
    .slice(forward)
    .map((n) => n.op)
    .filter((op) => heavy.includes(op));
}

const same = { pads: [1, 1, 1, 1] };

test.each<[string, Sample, 'x' | 'w', string[]]>([
  ['1×1: a product per image', { x: [2, 8, 6, 6], w: [4, 8, 1, 1] }, 'w', ['MatMul']],
  ['1×1 with more weights than pixels: one convolution', { x: [2, 64, 2, 2], w: [64, 64, 1, 1] }, 'w', ['Conv']],
  ['3×3, stride 1: one convolution, nothing cropped', { x: [2, 8, 6, 6], w: [4, 8, 3, 3], attributes: same }, 'w', ['Conv']],
  [
    '3×3, stride 2, a rest: one convolution, cropped',
    { x: [2, 8, 6, 6], w: [4, 8, 3, 3], attributes: { strides: [2, 2] } },
    'w',
    ['Conv', 'Slice'],
  ],
  ['same size, light weight: the rotated convolution', { x: [4, 4, 8, 8], w: [4, 4, 3, 3], attributes: same }, 'x', ['Slice', 'Conv']],
  ['same size, heavy weight: the transposed one', { x: [1, 64, 3, 3], w: [64, 64, 3, 3], attributes: same }, 'x', ['ConvTranspose']],
  ['5×5 without padding: the transposed one', { x: [2, 4, 12, 12], w: [4, 4, 5, 5] }, 'x', ['ConvTranspose']],
  ['stride 2: the transposed one', { x: [2, 4, 8, 8], w: [4, 4, 3, 3], attributes: { ...same, strides: [2, 2] } }, 'x', ['ConvTranspose']],
])('%s', (_, sample, wanted, expected) => expect(heavyOps(sample, wanted)).toEqual(expected));

const x = [1, 4, 5, 5];
test.each<[string, Sample]>([
  ['a kernel larger than the padded image', { x, w: [2, 4, 7, 3] }],
  ['channels that are not those of the image', { x, w: [2, 3, 3, 3] }],
  ['groups that do not divide the filters', { x, w: [3, 2, 3, 3], attributes: { group: 2 } }],
  ['no group', { x, w: [2, 4, 3, 3], attributes: { group: 0 } }],
  ['a stride of 0', { x, w: [2, 4, 3, 3], attributes: { strides: [0, 1] } }],
  ['a negative pad', { x, w: [2, 4, 3, 3], attributes: { pads: [-1, 0, 0, 0] } }],
  ['a pad per axis instead of two', { x, w: [2, 4, 3, 3], attributes: { pads: [1, 1] } }],
  ['kernel_shape that is not the weight’s', { x, w: [2, 4, 3, 3], attributes: { kernel_shape: [3, 2] } }],
  ['an unknown auto_pad', { x, w: [2, 4, 3, 3], attributes: { auto_pad: 'SAME' } }],
  ['a weight of another rank', { x, w: [2, 4, 3] }],
  ['an image without spatial axes', { x: [1, 4], w: [2, 4] }],
])('refuses %s, naming the node', (_, sample) => {
  const attempt = (): unknown => heavyOps(sample, 'w');
  expect(attempt).toThrow(PithError);
  expect(attempt).toThrow(expect.objectContaining({ code: 'input.node' }));
});
