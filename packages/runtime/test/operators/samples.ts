/** Small cases for each operator: its node, what it reads, which of that is constant. Opset 17 unless said. */
import { type DType, sizeOf, type Tensor } from '../../src/tensor.js';
import { bell, floats, type Given, ints, random } from '../help/models.js';

export interface Case {
  readonly op: string;
  readonly given?: Given;
  /** Shapes are fed with random numbers, `fed` as they are; tensors are constants, null is absent. */
  readonly inputs: readonly (readonly number[] | Tensor | { readonly fed: Tensor } | null)[];
  /** Types of the outputs; one of float32 unless said. */
  readonly outputs?: readonly DType[];
  readonly opset?: number;
  readonly domain?: 'positive';
  /** What each element becomes, where ONNX Runtime does not know the operator. */
  readonly expected?: (x: number) => number;
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
const scalarInt = (x: number): Tensor => ({ ...ints(x), dims: [] });
const floats4 = (...list: readonly number[]): Tensor => ({ dtype: 'float32', dims: [list.length], data: Float32Array.from(list) });
const positive = (n: number): Tensor => ({ dtype: 'float32', dims: [n], data: Float32Array.from({ length: n }, () => 0.5 + next()) });

const plain = [
  ...[
    'Abs',
    'Ceil',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'HardSigmoid',
    'HardSwish',
    'Identity',
    'LeakyRelu',
    'Neg',
    'Reciprocal',
    'Relu',
    'Round',
  ],
  ...['Sigmoid', 'Sign', 'Softplus', 'Tanh'],
];
const pairs = ['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max'];
const comparisons = ['Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual'];
const whole = (dims: readonly number[], ...list: readonly number[]): Tensor => ({ ...ints(...list), dims });
const fed = (...list: readonly number[]): { fed: Tensor } => ({ fed: ints(...list) });
const bools = (dims: readonly number[], ...list: readonly number[]): Tensor => ({ dtype: 'bool', dims, data: Uint8Array.from(list) });

export const cases: readonly Case[] = [
  ...plain.map((op): Case => ({ op, inputs: [[3, 7]] })),
  ...['Sqrt', 'Log'].map((op): Case => ({ op, inputs: [[3, 4]], domain: 'positive' })),
  ...pairs.flatMap((op): Case[] => [
    { op, inputs: [[2, 3, 4], [2, 3, 4]] }, // biome-ignore format: one line says more
    { op, inputs: [[2, 3, 4], scalar(0.7)] },
    { op, inputs: [weight(3, 1), [2, 1, 4]] }, // biome-ignore format: one line says more
    { op, inputs: [[1], [2, 3]] }, // biome-ignore format: one line says more
    { op, inputs: [[0, 3], weight(3)] },
  ]),
  ...['Max', 'Mean', 'Min', 'Sum'].flatMap((op): Case[] => [
    { op, inputs: [[2, 3]] },
    { op, inputs: [[2, 1, 4], [3, 1], weight(4)] }, // biome-ignore format: one line says more
    { op, inputs: [[4], [2, 3, 4], scalar(0.3), [1, 3, 1], [2, 3, 4]] }, // biome-ignore format: one line says more
  ]),
  ...['Max', 'Min'].map((op): Case => ({ op, inputs: [fed(-7, 0, 9), whole([2, 1], 2, 3), fed(1, -1, 8)], outputs: ['int64'] })),
  ...['Abs', 'Neg', 'Sign'].map((op): Case => ({ op, inputs: [fed(-3, 0, 7)], outputs: ['int64'] })),
  ...['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max'].map(
    (op): Case => ({ op, inputs: [fed(-7, 0, 9), whole([2, 1], 2, 3)], outputs: ['int64'] }),
  ),
  ...comparisons.flatMap((op): Case[] => [
    { op, inputs: [[2, 3, 4], weight(4)], outputs: ['bool'] },
    { op, inputs: [fed(1, 2, 3), ints(3, 2, 1)], outputs: ['bool'] },
  ]),
  ...['And', 'Or', 'Xor'].map(
    (op): Case => ({ op, inputs: [{ fed: bools([4], 0, 0, 1, 1) }, bools([2, 4], 0, 1, 0, 1, 1, 1, 0, 0)], outputs: ['bool'] }),
  ),
  { op: 'Not', inputs: [{ fed: bools([2], 0, 1) }], outputs: ['bool'] },
  { op: 'Gelu', inputs: [[3, 7]], opset: 20 },
  { op: 'Gelu', inputs: [[3, 7]], opset: 20, given: { approximate: 'tanh' } },
  { op: 'Elu', inputs: [[3, 7]], given: { alpha: { float: 0.5 } } },
  { op: 'Swish', inputs: [[3, 7]], opset: 24, expected: (x) => x / (1 + Math.exp(-x)) },
  { op: 'Swish', inputs: [[3, 7]], opset: 24, given: { alpha: { float: 1.5 } }, expected: (x) => x / (1 + Math.exp(-1.5 * x)) },
  { op: 'PRelu', inputs: [image, weight(3, 1, 1)] },
  { op: 'PRelu', inputs: [[3, 4], weight(1)] },
  { op: 'Pow', inputs: [[3, 4], scalar(2)] },
  { op: 'Pow', inputs: [[3, 4], scalar(3)] },
  { op: 'Pow', inputs: [[3, 4], scalar(0.5)], domain: 'positive' },
  { op: 'Pow', inputs: [[3, 4], scalar(-1)], domain: 'positive' },
  { op: 'Pow', inputs: [[3, 4], [4]], domain: 'positive' }, // biome-ignore format: one line says more
  { op: 'Where', inputs: [{ fed: bools([3, 1], 1, 0, 1) }, [3, 4], [4]] }, // biome-ignore format: one line says more
  { op: 'Where', inputs: [bools([4], 1, 0, 1, 1), fed(1, 2, 3, 4), scalarInt(9)], outputs: ['int64'] },
  { op: 'Cast', inputs: [[3, 4]], given: { to: 7 }, outputs: ['int64'] },
  { op: 'Cast', inputs: [[3, 4]], given: { to: 9 }, outputs: ['bool'] },
  { op: 'Cast', inputs: [[3, 4]], given: { to: 1 } },
  { op: 'Cast', inputs: [fed(-3, 0, 300)], given: { to: 1 } },
  { op: 'Cast', inputs: [fed(-3, 0, 300)], given: { to: 9 }, outputs: ['bool'] },
  { op: 'Cast', inputs: [fed(-3, 0, 300)], given: { to: 6 }, outputs: ['int32'] },
  { op: 'Gather', inputs: [weight(10, 5), { fed: whole([2, 3], 0, 3, 9, -1, -10, 4) }] },
  { op: 'Gather', inputs: [[2, 5, 3], ints(4, 0)], given: { axis: 1 } }, // biome-ignore format: one line says more
  { op: 'Gather', inputs: [[2, 5], scalarInt(1)], given: { axis: -1 } }, // biome-ignore format: one line says more
  { op: 'Gather', inputs: [fed(5, 6, 7), ints(2, 0)], outputs: ['int64'] },
  { op: 'Split', inputs: [[2, 6, 3]], given: { axis: 1 }, outputs: ['float32', 'float32'] },
  { op: 'Split', inputs: [[6, 3], ints(1, 0, 5)], outputs: ['float32', 'float32', 'float32'] },
  { op: 'Split', inputs: [[2, 7]], given: { axis: 1, num_outputs: 3 }, opset: 18, outputs: ['float32', 'float32', 'float32'] },
  { op: 'Expand', inputs: [[3, 1], ints(2, 1, 4)] }, // biome-ignore format: one line says more
  { op: 'Expand', inputs: [[3, 4], ints(1, 1)] }, // biome-ignore format: one line says more
  { op: 'Tile', inputs: [[2, 3], ints(2, 3)] }, // biome-ignore format: one line says more
  { op: 'Shape', inputs: [image], outputs: ['int64'] },
  { op: 'Shape', inputs: [image], given: { start: 1, end: -1 }, outputs: ['int64'] },
  ...['reflect', 'edge', 'wrap'].flatMap((mode): Case[] => [
    { op: 'Pad', inputs: [image, ints(0, 1, 3, 2, 0, 2, 4, 5)], given: { mode }, opset: 19 },
    { op: 'Pad', inputs: [[5], ints(2, 0)], given: { mode }, opset: 19 }, // biome-ignore format: one line says more
    { op: 'Pad', inputs: [fed(1, 2, 3, 4), ints(1, 3)], given: { mode }, opset: 19, outputs: ['int64'] },
    { op: 'Pad', inputs: [[3, 4], ints(2, 1), null, ints(-1)], given: { mode }, opset: 19 }, // biome-ignore format: one line says more
    { op: 'Pad', inputs: [[3, 4], ints(0, 0, 0, 0)], given: { mode }, opset: 19 }, // biome-ignore format: one line says more
  ]),
  { op: 'Size', inputs: [image], outputs: ['int64'] },
  { op: 'Range', inputs: [scalarInt(2), scalarInt(11), scalarInt(3)], outputs: ['int64'] },
  { op: 'Range', inputs: [scalar(1), scalar(-1), scalar(-0.5)] },
  { op: 'ConstantOfShape', inputs: [ints(2, 3)], given: { value: { dtype: 'float32', dims: [1], data: Float32Array.of(0.5) } } },
  { op: 'ConstantOfShape', inputs: [ints(2)] },
  { op: 'LRN', inputs: [[2, 7, 3, 3]], given: { size: 5, alpha: { float: 0.1 } } },
  { op: 'LRN', inputs: [[1, 4, 2, 3]], given: { size: 3, alpha: { float: 0.5 }, beta: { float: 0.6 }, bias: { float: 2 } } },
  { op: 'LayerNormalization', inputs: [[2, 3, 13], weight(13), weight(13)] },
  { op: 'LayerNormalization', inputs: [[2, 3, 4], weight(3, 4)], given: { axis: 1 } }, // biome-ignore format: one line says more
  { op: 'InstanceNormalization', inputs: [image, weight(3), weight(3)] },
  { op: 'Resize', inputs: [image, null, floats4(1, 1, 2, 2)], given: { mode: 'nearest' } },
  {
    op: 'Resize',
    inputs: [image, null, floats4(1, 1, 1.7, 0.6)],
    given: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  },
  { op: 'Resize', inputs: [image, null, null, ints(2, 3, 13, 5)], given: { mode: 'linear' } },
  {
    op: 'Resize',
    inputs: [image, null, null, ints(2, 3, 4, 15)],
    given: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
  },
  {
    op: 'Resize',
    inputs: [image, null, floats4(1, 1, 0.5, 3)],
    given: { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
  },
  ...[{}, { coordinate_transformation_mode: 'align_corners' }, { exclude_outside: 1, cubic_coeff_a: { float: -0.5 } }].flatMap(
    (more): Case[] => [
      { op: 'Resize', inputs: [image, null, null, ints(2, 3, 13, 5)], given: { mode: 'cubic', ...more } },
      { op: 'Resize', inputs: [image, null, floats4(1, 1, 0.5, 3)], given: { mode: 'cubic', ...more } },
    ],
  ),
  ...['linear', 'nearest', 'cubic'].map(
    (mode): Case => ({
      op: 'Resize',
      opset: 19,
      inputs: [image, null, floats4(1, 1, 0.7, 1.3)],
      given: { mode, coordinate_transformation_mode: 'half_pixel_symmetric' },
    }),
  ),
  { op: 'ArgMax', inputs: [[3, 7, 2]], given: { axis: 1 }, outputs: ['int64'] },
  {
    op: 'ArgMax',
    inputs: [{ fed: { dtype: 'float32', dims: [4], data: Float32Array.of(1, 3, 3, 0) } }],
    given: { select_last_index: 1 },
    outputs: ['int64'],
  },
  { op: 'ArgMin', inputs: [[3, 7]], given: { axis: -1, keepdims: 0 }, outputs: ['int64'] },
  { op: 'GlobalMaxPool', inputs: [image] },
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
  { op: 'ConvTranspose', inputs: [image, weight(3, 4, 3, 3), weight(4)] },
  { op: 'ConvTranspose', inputs: [image, some(0.3, 3, 2, 3, 4)], given: { strides: [2, 3], pads: [1, 0, 2, 1], output_padding: [1, 0] } },
  { op: 'ConvTranspose', inputs: [[2, 4, 5, 6], weight(4, 3, 2, 3), weight(6)], given: { group: 2, dilations: [2, 1], strides: [2, 2] } },
  { op: 'ConvTranspose', inputs: [[2, 3, 7], weight(3, 2, 4)], given: { strides: [2], pads: [1, 1] } },
  { op: 'DepthToSpace', inputs: [[2, 12, 3, 5]], given: { blocksize: 2 } },
  { op: 'DepthToSpace', inputs: [[2, 18, 3, 5]], given: { blocksize: 3, mode: 'CRD' } },
  { op: 'SpaceToDepth', inputs: [[2, 3, 4, 6]], given: { blocksize: 2 } },
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
  { op: 'ReduceMean', inputs: [[2, 3, 4, 5, 6]], given: { axes: [0, 2, 4] } },
  ...['ReduceMax', 'ReduceMin', 'ReduceSumSquare', 'ReduceL2'].flatMap((op): Case[] => [
    { op, inputs: [image], given: { axes: [1], keepdims: 0 } },
    { op, inputs: [image, ints(0, 2)], opset: 18 },
    { op, inputs: [image] },
  ]),
  { op: 'ReduceSum', inputs: [image, ints(3)] },
  { op: 'ReduceSum', inputs: [image], given: { noop_with_empty_axes: 1 } },
  { op: 'ReduceSum', inputs: [fed(1, 2, 4)], outputs: ['int64'] },
  { op: 'ReduceProd', inputs: [fed(3, 2, 4)], outputs: ['int64'], given: { keepdims: 0 } },
  { op: 'Softmax', inputs: [[2, 3, 9]], given: { axis: 1 } },
  { op: 'LogSoftmax', inputs: [[2, 9]] },
  { op: 'LogSoftmax', inputs: [[2, 5, 6]], given: { axis: 1 } },
  { op: 'Transpose', inputs: [[2, 9, 6]], given: { perm: [0, 2, 1] } },
  { op: 'Transpose', inputs: [[2, 5, 3, 7]], given: { perm: [0, 2, 1, 3] } },
  { op: 'Transpose', inputs: [[2, 5, 3, 7]], given: { perm: [3, 1, 0, 2] } },
  { op: 'Concat', inputs: [fed(1, 2), ints(5)], given: { axis: 0 }, outputs: ['int64'] },
  { op: 'MaxPool', inputs: [[1, 2, 14, 13]], given: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
  { op: 'MaxPool', inputs: [[1, 2, 11, 18]], given: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
  { op: 'MaxPool', inputs: [[1, 2, 8, 21]], given: { kernel_shape: [2, 2], strides: [2, 2] } },
  {
    op: 'AveragePool',
    inputs: [[1, 2, 7, 19]],
    given: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
    opset: 19,
  },
  { op: 'AveragePool', inputs: [[2, 3, 9]], given: { kernel_shape: [3], strides: [2] } },
  { op: 'Softmax', inputs: [[3, 4]] },
  { op: 'Softmax', inputs: [[3, 4, 2]], given: { axis: 1 } },
  { op: 'LogSoftmax', inputs: [[3, 4]] },
];
