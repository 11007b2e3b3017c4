/**
 * Words that stand in files as numbers. Both lists may only grow at the end: a word's place is its code. What is not here is written
 * out, so a missing word costs bytes and nothing else.
 */
import { PithError } from '../errors.js';
import type { Attribute } from '../model.js';

/** Operators of the standard domain, codes from 1. */
export const operators: readonly string[] = (
  'Conv Gemm MatMul Relu MaxPool Flatten Reshape Add Sub Mul Div BatchNormalization GlobalAveragePool AveragePool Softmax LogSoftmax ' +
  'Identity Constant Sigmoid Tanh Clip LeakyRelu PRelu HardSigmoid HardSwish Gelu Erf Exp Log Sqrt Pow Neg Abs LRN LayerNormalization ' +
  'ConvTranspose Concat Split Slice Pad Squeeze Unsqueeze Transpose Expand Gather Where Cast Round Sign Min Max Dropout Resize ReduceMean ' +
  'ReduceSum ReduceMax Shape ConstantOfShape QuantizeLinear DequantizeLinear Elu Selu Softplus ArgMax TopK InstanceNormalization ' +
  'GroupNormalization RMSNormalization Tile Range Equal Less Greater And Or Not If Loop Scan LSTM GRU RNN Einsum GatherElements GatherND ' +
  'ScatterElements ScatterND DepthToSpace SpaceToDepth Floor Ceil Reciprocal Sin Cos CumSum ReduceMin ReduceProd ReduceL2 ' +
  'GlobalMaxPool Mish Attention Trilu OneHot Mod LessOrEqual GreaterOrEqual'
).split(' ');

/** Attributes with the kind they have, codes from 1. */
export const attributes: readonly (readonly [name: string, kind: Attribute['kind']])[] = [
  ['kernel_shape', 'ints'],
  ['strides', 'ints'],
  ['pads', 'ints'],
  ['dilations', 'ints'],
  ['group', 'int'],
  ['auto_pad', 'string'],
  ['transA', 'int'],
  ['transB', 'int'],
  ['alpha', 'float'],
  ['beta', 'float'],
  ['axis', 'int'],
  ['axes', 'ints'],
  ['epsilon', 'float'],
  ['momentum', 'float'],
  ['training_mode', 'int'],
  ['perm', 'ints'],
  ['keepdims', 'int'],
  ['ceil_mode', 'int'],
  ['count_include_pad', 'int'],
  ['storage_order', 'int'],
  ['value', 'tensor'],
  ['value_float', 'float'],
  ['value_floats', 'floats'],
  ['value_int', 'int'],
  ['value_ints', 'ints'],
  ['to', 'int'],
  ['mode', 'string'],
  ['size', 'int'],
  ['bias', 'float'],
  ['allowzero', 'int'],
  ['approximate', 'string'],
  ['min', 'float'],
  ['max', 'float'],
  ['noop_with_empty_axes', 'int'],
  ['num_outputs', 'int'],
  ['output_padding', 'ints'],
  ['output_shape', 'ints'],
  ['coordinate_transformation_mode', 'string'],
  ['nearest_mode', 'string'],
  ['cubic_coeff_a', 'float'],
  ['then_branch', 'graph'],
  ['else_branch', 'graph'],
  ['body', 'graph'],
  ['hidden_size', 'int'],
  ['direction', 'string'],
  ['equation', 'string'],
  ['batch_dims', 'int'],
  ['reduction', 'string'],
  ['block_size', 'int'],
  ['start', 'int'],
  ['end', 'int'],
  ['saturate', 'int'],
];

/** Kinds of attributes, codes from 0. */
export const kinds: readonly Attribute['kind'][] = [
  'float',
  'int',
  'string',
  'tensor',
  'graph',
  'floats',
  'ints',
  'strings',
  'graphs',
  'opaque',
];

/** The word of a code; throws `unsupported.pith-word` for one that a later version has added. */
export function wordOf<T>(list: readonly T[], code: number, what: string): T {
  const word = list[code - 1];
  if (word !== undefined) return word;
  throw new PithError('unsupported.pith-word', {
    expected: `the code of an ${what}, 1 … ${list.length}`,
    got: String(code),
    fix: 'the file was made by a newer version: update pith-runtime',
  });
}
