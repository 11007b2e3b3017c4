/**
 * What a number is to the operator that reads it, by operator and input. A new operator is one line. Operators of the standard domain
 * that have no line here compute with their constants (`constant`); those of other domains are `unknown`.
 */
import type { Use } from './uses.js';

export type Role =
  /** Multiplied with an input and summed. */
  | 'weight'
  /** A table of vectors that are looked up. */
  | 'embedding'
  /** Added to a sum of products. */
  | 'bias'
  /** Scale or shift of a normalization, slope of an activation, start of a state. */
  | 'vector'
  /** Running mean or variance of a normalization. */
  | 'statistic'
  /** Step or bias of numbers that are quantized already. */
  | 'scale'
  | 'constant'
  | 'unknown';

type Inputs = readonly (Role | undefined)[];

const recurrent: Inputs = [undefined, 'weight', 'weight', 'bias', undefined, 'vector', 'vector', 'vector'];
const normalization: Inputs = [undefined, 'vector', 'vector'];
const convolution: Inputs = [undefined, 'weight', 'bias'];

const standard: Readonly<Record<string, Inputs>> = {
  Add: ['bias', 'bias'],
  BatchNormalization: [undefined, 'vector', 'vector', 'statistic', 'statistic'],
  Conv: convolution,
  ConvTranspose: convolution,
  DeformConv: [undefined, 'weight', undefined, 'bias'],
  Einsum: ['weight', 'weight', 'weight', 'weight'],
  GRU: recurrent,
  Gather: ['embedding'],
  Gemm: ['weight', 'weight', 'bias'],
  GroupNormalization: normalization,
  InstanceNormalization: normalization,
  LSTM: recurrent,
  LayerNormalization: normalization,
  MatMul: ['weight', 'weight'],
  PRelu: [undefined, 'vector'],
  RMSNormalization: normalization,
  RNN: recurrent,
  SimplifiedLayerNormalization: normalization,
};

/** Operators of ONNX Runtime's own domain. */
const microsoft: Readonly<Record<string, Inputs>> = {
  Attention: [undefined, 'weight', 'bias'],
  BiasAdd: [undefined, 'bias'],
  BiasGelu: [undefined, 'bias'],
  BiasSplitGelu: [undefined, 'bias'],
  EmbedLayerNormalization: [undefined, undefined, 'embedding', 'embedding', 'embedding', 'vector', 'vector'],
  FastGelu: [undefined, 'bias'],
  FusedConv: [undefined, 'weight', 'bias', 'bias'],
  FusedGemm: ['weight', 'weight', 'bias'],
  FusedMatMul: ['weight', 'weight'],
  GemmFastGelu: [undefined, 'weight', 'bias'],
  GroupNorm: normalization,
  LayerNormalization: normalization,
  MoE: [undefined, undefined, 'weight', 'bias', 'weight', 'bias', 'weight', 'bias'],
  MultiHeadAttention: [undefined, undefined, undefined, 'bias'],
  NhwcConv: convolution,
  NhwcFusedConv: [undefined, 'weight', 'bias', 'bias'],
  RotaryEmbedding: [undefined, undefined, 'constant', 'constant'],
  SimplifiedLayerNormalization: normalization,
  SkipGroupNorm: [undefined, 'vector', 'vector', undefined, 'bias'],
  SkipLayerNormalization: [undefined, undefined, 'vector', 'vector', 'bias'],
  SkipSimplifiedLayerNormalization: [undefined, undefined, 'vector', 'bias'],
  TransposeMatMul: ['weight', 'weight'],
};

/** Operators on quantized numbers: every float that they read is a step, or stands in the steps of others. */
const quantized = /^Q[A-Z]|[Qq]uant|Integer|NBits/;

export function roleOf({ node: { op, domain }, input, order }: Use): Role {
  if (quantized.test(op)) return 'scale';
  const table = domain === '' ? standard : domain === 'com.microsoft' ? microsoft : undefined;
  const inputs = table && Object.hasOwn(table, op) ? table[op] : undefined;
  if (!inputs) return domain === '' ? 'constant' : 'unknown';
  // A bias is whole: parts of a tensor that are added are rows of a table (positions of a transformer).
  return inputs[input] === 'bias' && order === 'part' ? 'embedding' : (inputs[input] ?? 'constant');
}
