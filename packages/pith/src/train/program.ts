/**
 * The training graph: a model with its parametrizations, a loss, the gradient and the optimizer's update, as ONNX of standard operators
 * only. Weights, optimizer state and running statistics go in and come out. The parts are here; `trainingProgram` makes one graph of the
 * whole step from them, `parallel/program.ts` gradient and update apart, for workers that sum gradients in between.
 */
import { gradients } from '../autodiff/gradient.js';
import { PithError } from '../base/errors.js';
import type { Model, NodeData } from '../base/tensor.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Known, Value } from '../graph/value.js';
import { checkUnderstood } from '../onnx/versions.js';
import { inferGraph, inferNode } from '../ops/infer.js';
import { parametrizationOf, type WeightState } from '../parametrization/list.js';
import { fuse } from './fuse.js';
import { type Fed, lossContext } from './losses/context.js';
import type { Loss } from './losses/loss.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type Parameter, parametersOf } from './parameters.js';

export interface ProgramOptions {
  readonly model: Model;
  readonly batch: number;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Parametrized weights by name; other parameters are dense. */
  readonly states: ReadonlyMap<string, WeightState>;
  /** Names of parameters that are not trained. */
  readonly frozen: ReadonlySet<string>;
  /** Added to the gradient of weights (not of biases and normalisation): L2 / 2 · weightDecay. */
  readonly weightDecay: number;
  /** Largest Euclidean norm of the whole gradient, before weight decay is added; 0 for none. */
  readonly clipNorm: number;
  /** How much of a running statistic is kept at each step. */
  readonly statisticsMomentum: number;
  /** Learning rates of trained arrays over that of the others, by name, in the place of what their parametrizations say. */
  readonly paces?: ReadonlyMap<string, number> | undefined;
}

/** An array that goes into the graph under one name and comes out, changed, under another. */
export interface Slot {
  readonly input: string;
  readonly output: string;
  readonly dims: readonly number[];
  /** The weight or statistic it belongs to. */
  readonly owner: string;
  readonly kind: 'trained' | 'state' | 'statistic';
}

/** What whoever feeds and reads a training graph has to know of it. */
export interface Program {
  readonly slots: readonly Slot[];
  readonly image: string;
  readonly target: string;
  readonly imageDims: readonly number[];
  readonly targetDims: readonly number[];
  readonly loss: string;
  readonly logits: string;
  readonly rate: string;
  readonly scalars: readonly string[];
  /** What the loss asked for: fed at each step beside images and targets. */
  readonly feeds: readonly Fed[];
}

/** The whole step as one graph. */
export interface StepProgram extends Program {
  readonly step: Model;
}

/** Training graphs are written for at least this opset: the one from which ScatterElements adds and LayerNormalization exists. */
const trainingOpset = 17;

/** A trained array, and the parameter that it makes or is part of. */
export interface Trainable {
  readonly owner: Parameter;
  readonly value: Value;
  /** Its learning rate over that of the others. */
  readonly rateFactor: number;
}

/** Forward pass, loss and gradients, before anything is made an output. */
export interface Derived {
  readonly builder: Builder;
  readonly trainables: readonly Trainable[];
  readonly image: Value;
  readonly target: Value;
  readonly loss: Value;
  readonly logits: Value;
  readonly slots: readonly Slot[];
  readonly grads: readonly Value[];
  readonly feeds: readonly Fed[];
}

/** Throws `unsupported.gradient`, `unsupported.op`, `unsupported.dynamic` where the model cannot be trained, `usage.nothing-to-train`. */
export function trainingProgram(options: ProgramOptions): StepProgram {
  const derived = derive(options, 1);
  const { builder, trainables, grads } = derived;
  const { rate, scalars } = updateInputs(builder, options.optimizer);
  const clipped = options.clipNorm > 0 ? clip(builder, grads, options.clipNorm) : grads;
  const slots = trainables.flatMap(({ owner, value, rateFactor }, i) =>
    update(options, builder, {
      owner: owner.name,
      param: value,
      grad: clipped[i]!,
      decays: decays(owner),
      rate,
      rateFactor,
      scalars,
    }),
  );
  const step = finish(options.model, builder);
  return { ...frame(derived), step, slots: [...slots, ...derived.slots], rate: rate.name, scalars: scalars.map((s) => s.name) };
}

export const frame = ({ image, target, loss, logits, feeds }: Derived): Omit<Program, 'slots' | 'rate' | 'scalars'> => ({
  image: image.name,
  target: target.name,
  imageDims: image.dims,
  targetDims: target.dims,
  loss: loss.name,
  logits: logits.name,
  feeds,
});

/** Opset of the training graph of a model. */
const opsetFor = (model: Model): number => Math.max(trainingOpset, model.opsets.get('') ?? 0);

/** The gradients are those of `share` times the loss. */
export function derive(options: ProgramOptions, share: number): Derived {
  const { model, batch, states, frozen } = options;
  checkUnderstood(model.opsets.get('') ?? 0);
  if (model.graph.outputs.length === 0)
    throw new PithError('input.no-output', { at: { section: model.graph.name }, expected: 'a graph with an output', got: 'none' });
  const opset = opsetFor(model);
  const parameters = parametersOf(model);
  const trained = parameters.filter((p) => p.role !== 'statistic' && !frozen.has(p.name));
  if (trained.length === 0)
    throw new PithError('usage.nothing-to-train', { expected: 'a model with float32 weights that are not frozen', got: 'none' });
  const graph = new Graph(model.graph);
  const builder = new Builder(graph, opset, inferNode);
  const image = only(graph, batch, opset);
  const trainables = trained.flatMap((p) => parametrize(builder, p, states.get(p.name) ?? denseState(model, p.name), options.paces));
  for (const p of parameters.filter((q) => frozen.has(q.name))) freezeIn(builder, p.name, states.get(p.name));
  const statistics = trainingNormalization(builder, options.statisticsMomentum, frozen);
  const bind = (): number => batch;
  const types = new Map<string, Known>(inferGraph(graph, opset, bind));
  const outputName = graph.outputs[0]!.name;
  const logits: Value = { ...types.get(outputName)!, name: outputName };
  const target = builder.input('target', { dtype: 'float32', dims: logits.dims });
  const context = lossContext(builder, (weight) => trainables.filter((t) => t.owner.name === weight).map((t) => t.value));
  const loss = builder.output('loss', options.loss.build(builder, logits, target, context));
  for (const [name, type] of inferGraph(graph, opset, bind)) types.set(name, type);
  const found = gradients({ builder, types, of: loss.name, to: trainables.map((t) => t.value.name), seed: share });
  const grads = trainables.map(
    (t) =>
      found.get(t.value.name) ??
      builder.constant({ dtype: 'float32', dims: t.value.dims, data: new Float32Array(sizeOfDims(t.value.dims)) }),
  );
  graph.outputs.splice(
    0,
    graph.outputs.length,
    ...graph.outputs.filter((v) => v.name === outputName || v.name === loss.name || statistics.some((s) => s.output === v.name)),
  );
  return { builder, trainables, image, target, loss, logits, slots: statistics, grads, feeds: context.feeds };
}

const sizeOfDims = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

const denseState = (model: Model, name: string): WeightState => {
  const { dims, data } = model.graph.initializers.get(name)!;
  return { kind: 'dense', dims, values: data as Float32Array };
};

/** The one input of the model, with its batch size bound. Throws `unsupported.inputs` where there are several. */
function only(graph: Graph, batch: number, opset: number): Value {
  const inputs = graph.inputs.filter((v) => !graph.initializers.has(v.name));
  if (inputs.length !== 1)
    throw new PithError('unsupported.inputs', {
      expected: 'a model with one input',
      got: `${inputs.length}: ${inputs.map((v) => v.name).join(', ')}`,
    });
  const types = inferGraph({ nodes: [], inputs, initializers: new Map() }, opset, () => batch);
  const type = types.get(inputs[0]!.name)!;
  const dims = [batch, ...type.dims.slice(1)];
  graph.inputs.splice(0, graph.inputs.length, { name: inputs[0]!.name, dtype: type.dtype, dims });
  return { dtype: type.dtype, dims, name: inputs[0]!.name };
}

function parametrize(builder: Builder, owner: Parameter, state: WeightState, paces: ProgramOptions['paces']): Trainable[] {
  builder.graph.initializers.delete(owner.name);
  const parametrization = parametrizationOf(state);
  const arrays = parametrization.trained(owner.name, state);
  const values = arrays.map(({ name, dims }): Value => {
    builder.graph.inputs.push({ name, dtype: 'float32', dims });
    return { name, dtype: 'float32', dims };
  });
  parametrization.build(builder, owner.name, state, values);
  return values.map((value, i) => ({ owner, value, rateFactor: paces?.get(value.name) ?? arrays[i]!.rateFactor ?? 1 }));
}

/** A parametrized weight that is frozen stands in the graph as its dense values. */
function freezeIn(builder: Builder, name: string, state: WeightState | undefined): void {
  if (state) builder.graph.initializers.set(name, { dtype: 'float32', dims: state.dims, data: parametrizationOf(state).dense(state) });
}

/**
 * Batch normalisation in its training form: normalised by the batch, its statistics blended into the running ones. ONNX Runtime's
 * training form gives the batch's own statistics as "running" ones at momentum 0.
 */
function trainingNormalization(builder: Builder, momentum: number, frozen: ReadonlySet<string>): Slot[] {
  const { graph } = builder;
  const slots: Slot[] = [];
  for (const node of graph.nodes.filter((n) => n.op === 'BatchNormalization' && !frozen.has(n.inputs[3]!))) {
    const outputs = [node.outputs[0]!, graph.fresh(`${node.outputs[0]}/mean`), graph.fresh(`${node.outputs[0]}/variance`)];
    const attributes = new Map(node.attributes)
      .set('training_mode', { kind: 'int', value: 1 })
      .set('momentum', { kind: 'float', value: 0 });
    const form: NodeData = { ...node, attributes, outputs };
    graph.replace(node, form);
    [3, 4].forEach((i, k) => {
      const name = node.inputs[i]!;
      const { dims } = graph.initializers.get(name)!;
      graph.initializers.delete(name);
      graph.inputs.push({ name, dtype: 'float32', dims });
      const running: Value = { name, dtype: 'float32', dims };
      const batch: Value = { name: outputs[k + 1]!, dtype: 'float32', dims };
      const next = builder.Add(builder.Mul(running, builder.scalar(momentum)), builder.Mul(batch, builder.scalar(1 - momentum)));
      slots.push({ input: name, output: builder.output(`${name}/next`, next).name, dims, owner: name, kind: 'statistic' });
    });
  }
  return slots;
}

/** A builder for a graph of its own, for the same opset as the training graph of the model. */
export const emptyBuilder = (model: Model, name: string): Builder => new Builder(Graph.empty(name), opsetFor(model), inferNode);

/** Weights decay; biases and normalisation do not. */
export const decays = ({ role }: Parameter): boolean => role !== 'bias' && role !== 'normalization';

export interface UpdateInputs {
  readonly rate: Value;
  readonly scalars: readonly Value[];
}

export function updateInputs(builder: Builder, optimizer: Optimizer): UpdateInputs {
  const scalar = (name: string): Value => builder.input(name, { dtype: 'float32', dims: [] });
  return { rate: scalar('rate'), scalars: optimizer.scalars.map(scalar) };
}

export interface UpdateOf extends UpdateInputs {
  readonly owner: string;
  readonly param: Value;
  readonly grad: Value;
  readonly decays: boolean;
  readonly rateFactor: number;
}

/** Adds weight decay and the optimizer's nodes; gives the slots of the parameter and of its optimizer state. */
export function update(
  { optimizer, weightDecay }: ProgramOptions,
  builder: Builder,
  { owner, param, grad, decays, rate: whole, rateFactor, scalars }: UpdateOf,
): Slot[] {
  const rate = rateFactor === 1 ? whole : builder.Mul(whole, builder.scalar(rateFactor));
  const decayed = decays && weightDecay > 0 ? builder.Add(grad, builder.Mul(param, builder.scalar(weightDecay))) : grad;
  const state = optimizer.slots.map((slot) => builder.input(`${param.name}/${slot}`, param));
  const next = optimizer.update(builder, { param, grad: decayed, state, rate, scalars });
  const slot = (value: Value, from: Value, kind: Slot['kind']): Slot => ({
    input: from.name,
    output: builder.output(`${from.name}/next`, value).name,
    dims: param.dims,
    owner,
    kind,
  });
  return [slot(next.param, param, 'trained'), ...next.state.map((value, k) => slot(value, state[k]!, 'state'))];
}

/** Scales the whole gradient so that its Euclidean norm is at most `most` (Pascanu et al., 2013). */
function clip(op: Builder, grads: readonly Value[], most: number): Value[] {
  const square = grads.map((g) => op.ReduceSum(op.Mul(g, g), undefined, false)).reduce((a, b) => op.Add(a, b));
  const factor = op.Min(op.scalar(1), op.Div(op.scalar(most), op.Add(op.Sqrt(square), op.scalar(1e-12))));
  return grads.map((g) => op.Mul(g, factor));
}

export function finish(model: Model, { graph, opset }: Builder): Model {
  graph.prune();
  fuse(graph, opset);
  return { ...model, irVersion: Math.max(8, model.irVersion), opsets: new Map(model.opsets).set('', opset), graph: graph.freeze() };
}
