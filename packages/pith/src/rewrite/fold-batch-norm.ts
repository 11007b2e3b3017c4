/**
 * Batch normalization at inference is a scale and a shift for each channel. It folds into the layer before it (Conv, ConvTranspose, Gemm,
 * MatMul with or without a bias), or else into the one after it (Conv without padding, Gemm). Inputs, outputs, opsets and metadata stay.
 * What cannot be folded stays as it is, and the reason is given. Graphs inside nodes are not looked into.
 */
import type { Model, NodeData, Tensor } from '../base/tensor.js';
import {
  biasOf,
  floatOf,
  inputsOf,
  intOf,
  isFloat,
  type Layer,
  layerOf,
  numbersOf,
  outputsOf,
  Refused,
  refuse,
  rounded,
} from './affine-layer.js';
import { type Constant, Editing } from './editing.js';

export interface FoldedBatchNorms {
  readonly model: Model;
  /** Normalizations that are gone, each with the weight that took it up. */
  readonly folded: readonly { readonly node: string; readonly weight: string }[];
  readonly refused: readonly { readonly node: string; readonly why: string }[];
}

/** scale · x + shift, a number of each for a channel. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** A layer that a normalization follows, and nothing else. */
export interface NormalizedLayer {
  readonly node: NodeData;
  readonly norm: NodeData;
  /** The names of its weight, and of its bias where it has one. */
  readonly weight: string;
  readonly bias: string | undefined;
  /** What the outputs are multiplied by, for each channel. */
  readonly scale: Float64Array;
}

/** The layers that could take up the normalization behind them. */
export function normalizedLayers(model: Model): NormalizedLayer[] {
  const graph = new Editing(model);
  return graph.nodes.flatMap((norm) => {
    if (norm.op !== 'BatchNormalization' || norm.domain !== '') return [];
    const found = attempt(() => {
      const { scale } = affineOf(graph, norm, model.opsets.get('') ?? 0);
      const { node, weight, bias } = layerBefore(graph, norm, scale.length);
      return { node, norm, weight: weight.name, bias: bias?.name, scale };
    });
    return 'why' in found ? [] : [found];
  });
}

/** `before`: only layers with these weights take up what stands behind them, and none what stands before. */
export function foldBatchNorm(model: Model, before?: ReadonlySet<string>): FoldedBatchNorms {
  const graph = new Editing(model);
  const folded: { node: string; weight: string }[] = [];
  const refused: { node: string; why: string }[] = [];
  for (const norm of graph.nodes) {
    if (norm.op !== 'BatchNormalization' || norm.domain !== '') continue;
    const node = norm.name || (norm.outputs[0] ?? '');
    const weight = attempt(() => fold(graph, norm, affineOf(graph, norm, model.opsets.get('') ?? 0), before));
    if (typeof weight === 'string') folded.push({ node, weight });
    else refused.push({ node, ...weight });
  }
  return { model: folded.length === 0 ? model : { ...model, graph: graph.finish() }, folded, refused };
}

function attempt<T>(body: () => T): T | { readonly why: string } {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { why: error.message };
  }
}

/** The name of the weight. Where neither side takes it up, the reason is that of the layer before. */
function fold(graph: Editing, norm: NodeData, affine: Affine, before: ReadonlySet<string> | undefined): string {
  const back = attempt(() => foldBack(graph, norm, affine, before));
  if (typeof back === 'string') return back;
  if (before) return refuse(back.why);
  const after = attempt(() => foldAhead(graph, norm, affine));
  return typeof after === 'string' ? after : refuse(back.why);
}

function affineOf(graph: Editing, norm: NodeData, opset: number): Affine {
  if (opset < 7) refuse('before opset 7 a normalization does not say whether it is in training');
  if (intOf(norm, 'training_mode', 0) !== 0 || norm.outputs.slice(1).some((name) => name !== '')) refuse('it is in training mode');
  if (intOf(norm, 'spatial', 1) === 0) refuse('it has statistics for each position (spatial = 0)');
  const [scale, bias, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((what, i) => {
    const found = graph.constant(norm.inputs[i + 1] ?? '');
    return found && isFloat(found) ? numbersOf(found) : refuse(`its ${what} is not a constant of floats`);
  }) as [Float64Array, Float64Array, Float64Array, Float64Array];
  if ([bias, mean, variance].some((v) => v.length !== scale.length)) refuse('its vectors differ in length');
  const epsilon = floatOf(norm, 'epsilon', 1e-5);
  const factor = scale.map((s, c) => s / Math.sqrt(variance[c]! + epsilon));
  return { scale: factor, shift: bias.map((b, c) => b - mean[c]! * factor[c]!) };
}

function layerBefore(graph: Editing, norm: NodeData, channels: number): Layer {
  const [input = ''] = norm.inputs;
  const maker = graph.maker(input) ?? refuse('no layer stands before it');
  if (graph.readersOf(input).length > 1) refuse(`its input "${input}" is used elsewhere too`);
  const layer = layerOf(graph, maker);
  const { count } = outputsOf(layer);
  return count === channels ? layer : refuse(`it has ${channels} channels, the layer before it ${count}`);
}

function foldBack(graph: Editing, norm: NodeData, { scale, shift }: Affine, asked: ReadonlySet<string> | undefined): string {
  const layer = layerBefore(graph, norm, scale.length);
  const { node, weight, add } = layer;
  if (asked && !asked.has(weight.name)) refuse('it is to stay');
  const outputs = outputsOf(layer);
  const scaled = scaledBy(weight, (i) => scale[outputs.of(i)]!);
  const sums = biasOf(layer, scale.length).map((b, c) => b * scale[c]! + shift[c]!);
  const bias = rounded(weight.tensor.dtype, [sums.length], sums);

  const name = layer.bias?.name ?? biasOfItsOwn(graph, norm);
  graph.setConstant(weight.name, scaled);
  graph.setConstant(name, bias);
  if (node.op === 'MatMul') {
    if (add) graph.replace(add);
    graph.replace(norm, { ...norm, op: 'Add', inputs: [node.outputs[0] ?? '', name], attributes: new Map() });
  } else {
    graph.replace(norm);
    graph.replace(node, { ...withBias(node, name), outputs: norm.outputs.slice(0, 1) });
  }
  return weight.name;
}

/** A normalization whose shift is its own leaves its name to the bias. */
function biasOfItsOwn(graph: Editing, norm: NodeData): string {
  const shift = graph.constant(norm.inputs[2] ?? '');
  return shift?.readers === 1 ? shift.name : graph.fresh(`${norm.outputs[0]}_bias`);
}

/** W (s·x + t) + b = (W·s) x + (b + W t), where no padding comes between. */
function foldAhead(graph: Editing, norm: NodeData, { scale, shift }: Affine): string {
  const [input = ''] = norm.inputs;
  const [output = ''] = norm.outputs;
  const [user, ...others] = graph.readersOf(output);
  if (!user || user === 'output' || others.length > 0) refuse('its output is used elsewhere too');
  if (user.inputs[0] !== output || !(user.op === 'Gemm' ? intOf(user, 'transA', 0) === 0 : user.op === 'Conv' && !isPadded(user)))
    refuse('no layer without padding stands after it');
  const layer = layerOf(graph, user);
  const { node, weight } = layer;
  const inputs = inputsOf(layer);
  const outputs = outputsOf(layer);
  if (inputs.count !== scale.length) refuse(`it has ${scale.length} channels, the layer after it ${inputs.count}`);
  const scaled = scaledBy(weight, (i) => scale[inputs.of(i)]!);
  const sums = biasOf(layer, outputs.count).slice();
  const alpha = node.op === 'Gemm' ? floatOf(node, 'alpha', 1) : 1;
  numbersOf(weight).forEach((w, i) => {
    sums[outputs.of(i)]! += alpha * w * shift[inputs.of(i)]!;
  });
  const bias = rounded(weight.tensor.dtype, [sums.length], sums);

  const name = layer.bias?.name ?? graph.fresh(`${node.outputs[0]}_bias`);
  graph.replace(norm);
  graph.setConstant(weight.name, scaled);
  graph.setConstant(name, bias);
  graph.replace(node, withBias({ ...node, inputs: [input, ...node.inputs.slice(1)] }, name));
  return weight.name;
}

/** Gemm's factor of its bias is in the bias by now. */
function withBias(node: NodeData, bias: string): NodeData {
  const attributes = new Map(node.attributes);
  attributes.delete('beta');
  return { ...node, inputs: [...node.inputs.slice(0, 2), bias], attributes };
}

const isPadded = (conv: NodeData): boolean => {
  const pads = conv.attributes.get('pads');
  const auto = conv.attributes.get('auto_pad');
  return (
    (pads?.kind === 'ints' && pads.value.some((p) => Number(p) !== 0)) ||
    (auto?.kind === 'string' && auto.value !== 'NOTSET' && auto.value !== 'VALID')
  );
};

const scaledBy = (weight: Constant, factor: (i: number) => number): Tensor =>
  rounded(
    weight.tensor.dtype,
    weight.tensor.dims,
    numbersOf(weight).map((w, i) => w * factor(i)),
  );
