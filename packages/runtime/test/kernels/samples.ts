/** Small cases for each operator: its node, what it reads, which of that is constant. Opset 17 unless said. */
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { bell, floats, type Given, ints, random } from '../help/models.js';

export interface Case {
  readonly op: string;
  readonly given?: Given;
  /** Shapes are fed, tensors are constants, null is absent. */
  readonly inputs: readonly (readonly number[] | Tensor | null)[];
  readonly opset?: number;
  readonly domain?: 'positive';
}

const next = random(11);
const weight = (...dims: readonly number[]): Tensor => floats(dims, next);
const some = (density: number, ...dims: readonly number[]): Tensor => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from({ length: sizeOf(dims) }, () => (next() < density ? bell(next) : 0)),
});
const scalar = (x: number): Tensor => ({ dtype: 'float32', dims: [], data: Float32Array.of(x) });
const image = [2, 3, 9, 8];
const positive = (n: number): Tensor => ({ dtype: 'float32', dims: [n], data: Float32Array.from({ length: n }, () => 0.5 + next()) });

const plain = ['Abs', 'Exp', 'HardSigmoid', 'HardSwish', 'Identity', 'LeakyRelu', 'Neg', 'Relu', 'Sigmoid', 'Tanh'];
const pairs = ['Add', 'Sub', 'Mul', 'Div'];

export const cases: readonly Case[] = [
  ...plain.map((op): Case => ({ op, inputs: [[3, 4]] })),
  ...['Sqrt', 'Log'].map((op): Case => ({ op, inputs: [[3, 4]], domain: 'positive' })),
  ...pairs.flatMap((op): Case[] => [
    { op, inputs: [[2, 3, 4], [2, 3, 4]] }, // biome-ignore format: one line says more
    { op, inputs: [[2, 3, 4], scalar(0.7)] },
    { op, inputs: [weight(3, 1), [2, 1, 4]] }, // biome-ignore format: one line says more
    { op, inputs: [[1], [2, 3]] }, // biome-ignore format: one line says more
    { op, inputs: [[0, 3], weight(3)] },
  ]),
  { op: 'Pow', inputs: [[3, 4], scalar(2)] },
  { op: 'Conv', inputs: [image, weight(4, 3, 3, 3)] },
  { op: 'Conv', inputs: [image, weight(4, 3, 3, 3), weight(4)], given: { pads: [1, 1, 1, 1] } },
  { op: 'Conv', inputs: [image, some(0.2, 5, 3, 5, 4), weight(5)], given: { pads: [0, 2, 1, 1], strides: [2, 3] } },
  { op: 'Conv', inputs: [image, weight(6, 1, 3, 3), weight(6)], given: { group: 3, dilations: [2, 2], pads: [2, 2, 2, 2] } },
  { op: 'Conv', inputs: [image, weight(2, 3, 2, 2)], given: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
  { op: 'Conv', inputs: [image, weight(2, 3, 2, 4)], given: { auto_pad: 'SAME_LOWER' } },
  { op: 'Conv', inputs: [image, weight(2, 3, 2, 2)], given: { auto_pad: 'VALID', strides: [1, 2] } },
  { op: 'Conv', inputs: [[2, 3, 10], weight(4, 3, 3), weight(4)], given: { pads: [1, 0], strides: [2], dilations: [2] } },
  { op: 'Conv', inputs: [[0, 3, 9, 8], weight(4, 3, 3, 3)] },
  { op: 'Conv', inputs: [image, some(0, 4, 3, 3, 3), weight(4)] },
  { op: 'Gemm', inputs: [[3, 5], weight(5, 4), weight(4)] },
  { op: 'Gemm', inputs: [[3, 5], weight(4, 5), weight(3, 1)], given: { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } } },
  { op: 'Gemm', inputs: [[5, 3], some(0.2, 5, 4)], given: { transA: 1 } },
  { op: 'Gemm', inputs: [[3, 50], some(0.1, 40, 50), scalar(0.5)], given: { transB: 1 } },
  { op: 'Gemm', inputs: [[3, 5], weight(5, 4), [3, 4]] }, // biome-ignore format: one line says more
  { op: 'MatMul', inputs: [[2, 3, 5], weight(5, 4)] },
  { op: 'MatMul', inputs: [[2, 3, 5], some(0.2, 5, 4)] },
  { op: 'MatMul', inputs: [[5], weight(5, 4)] },
  { op: 'MatMul', inputs: [[2, 1, 3, 5], [4, 5, 2]] }, // biome-ignore format: one line says more
  { op: 'MatMul', inputs: [[3, 5], [5]] }, // biome-ignore format: one line says more
  { op: 'MatMul', inputs: [weight(3, 5), [5, 2]] },
  { op: 'MaxPool', inputs: [image], given: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'MaxPool', inputs: [image], given: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
  { op: 'MaxPool', inputs: [image], given: { kernel_shape: [3, 2], strides: [2, 3], ceil_mode: 1 } },
  { op: 'MaxPool', inputs: [image], given: { kernel_shape: [2, 2], dilations: [3, 2], pads: [0, 1, 1, 0] } },
  { op: 'MaxPool', inputs: [[2, 3, 9]], given: { kernel_shape: [3], strides: [2], auto_pad: 'SAME_UPPER' } },
  { op: 'AveragePool', inputs: [image], given: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'AveragePool', inputs: [image], given: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
  { op: 'AveragePool', inputs: [image], given: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 } },
  { op: 'GlobalAveragePool', inputs: [image] },
  { op: 'BatchNormalization', inputs: [image, weight(3), weight(3), weight(3), positive(3)], given: { epsilon: { float: 0.01 } } },
  { op: 'Clip', inputs: [[3, 4], scalar(-0.5), scalar(0.25)] },
  { op: 'Clip', inputs: [[3, 4], null, scalar(0.25)] },
  { op: 'Concat', inputs: [[2, 3], weight(2, 1), [2, 2]], given: { axis: 1 } }, // biome-ignore format: one line says more
  { op: 'Concat', inputs: [[2, 3], [1, 3]], given: { axis: -2 } }, // biome-ignore format: one line says more
  { op: 'Dropout', inputs: [[3, 4], scalar(0.5)] },
  { op: 'Flatten', inputs: [image] },
  { op: 'Flatten', inputs: [image], given: { axis: 0 } },
  { op: 'Flatten', inputs: [image], given: { axis: -1 } },
  { op: 'Reshape', inputs: [image, ints(0, -1, 4)] },
  { op: 'Reshape', inputs: [[0, 3], ints(3, 0)], given: { allowzero: 1 } },
  { op: 'Transpose', inputs: [[2, 3, 4]] },
  { op: 'Transpose', inputs: [[2, 3, 4]], given: { perm: [1, 2, 0] } },
  { op: 'Squeeze', inputs: [[2, 1, 3, 1], ints(-1)] },
  { op: 'Squeeze', inputs: [[2, 1, 3, 1]] },
  { op: 'Unsqueeze', inputs: [[2, 3], ints(0, -1)] },
  { op: 'Pad', inputs: [[2, 3], ints(1, 0, 0, 2), scalar(0.5)] },
  { op: 'Pad', inputs: [[3, 4], ints(-1, 1, 0, -2)] },
  { op: 'Pad', inputs: [[2, 3], ints(1, 2), null, ints(-1)], opset: 18 },
  { op: 'Slice', inputs: [image, ints(1, 0), ints(9, 100), ints(2, 3), ints(2, 3)] },
  { op: 'Slice', inputs: [image, ints(-1), ints(-100), ints(-2), ints(-2)] },
  { op: 'Slice', inputs: [[4, 5], ints(1), ints(-1)] },
  { op: 'ReduceMean', inputs: [image], given: { axes: [2, 3], keepdims: 0 } },
  { op: 'ReduceMean', inputs: [image, ints(-1)], opset: 18 },
  { op: 'ReduceMean', inputs: [image] },
  { op: 'Softmax', inputs: [[3, 4]] },
  { op: 'Softmax', inputs: [[3, 4, 2]], given: { axis: 1 } },
  { op: 'LogSoftmax', inputs: [[3, 4]] },
];
