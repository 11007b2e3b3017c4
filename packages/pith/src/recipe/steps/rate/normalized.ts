/**
 * Layers that a batch normalization follows. Their scale is free: while they are trained each row is in units of its own first step, and has
 * a step of its own; at the end scale and step become one step for each row, to a sixteenth of an octave, which the file holds, what is
 * added becomes a bias in levels, and the normalization is gone.
 */
import { type Model, sizeOf, type Tensor } from '../../../base/tensor.js';
import type { WeightState } from '../../../parametrization/list.js';
import { type RatedState, ratedFrom, scaledRows, settle, stepsOfRated } from '../../../parametrization/rated.js';
import { foldBatchNorm, type NormalizedLayer, normalizedLayers } from '../../../rewrite/fold-batch-norm.js';
import { withWeights } from '../../../train/fit.js';
import { type Parameter, parametersOf } from '../../../train/parameters.js';
import { shapesOf } from '../../../train/rate/shape.js';
import type { Compression } from '../../step.js';

/**
 * Variances are of rows in units of steps: this keeps one whose entries all become zero from growing without bound. As a float32, which is
 * what a checkpoint of the model holds.
 */
const epsilon = Math.fround(0.01);

/** Layers whose rows can have steps of their own, with how the coder sees them. */
function layersOf(model: Model): { readonly layer: NormalizedLayer; readonly parameter: Parameter; readonly transposed: boolean }[] {
  const parameters = parametersOf(model);
  const shapes = shapesOf(model, parameters);
  return normalizedLayers(model).flatMap((layer) => {
    const parameter = parameters.find((p) => p.name === layer.weight);
    const shape = shapes.get(layer.weight);
    const rows = layer.node.op !== 'ConvTranspose' && shape?.rows === layer.scale.length;
    return parameter && rows ? [{ layer, parameter, transposed: shape.transposed ?? false }] : [];
  });
}

/** What belongs to each row, for a weight of these rows. */
const rowOf = (size: number, rows: number, transposed: boolean): ((i: number) => number) =>
  transposed ? (i) => i % rows : (i) => Math.floor(i / (size / rows));

/**
 * The model with the rows of these layers in units of `step` times their root mean square, which changes none of its outputs by more than
 * rounding and the normalizations' epsilon, and their rated states with a step of 1 for each row.
 */
export function inUnits(model: Model, step: number): { readonly model: Model; readonly states: Map<string, RatedState> } {
  const initializers = new Map(model.graph.initializers);
  const states = new Map<string, RatedState>();
  const norms = new Set<string>();
  for (const { layer, parameter, transposed } of layersOf(model)) {
    const { weight, bias, norm, scale } = layer;
    const rows = scale.length;
    const { dims } = parameter;
    const values = initializers.get(weight)!.data as Float32Array;
    const at = rowOf(values.length, rows, transposed);
    const squares = new Float64Array(rows);
    for (let i = 0; i < values.length; i++) squares[at(i)]! += values[i]! ** 2;
    const units = squares.map((sum) => step * Math.sqrt(sum / (values.length / rows)) || 1);
    const over = (name: string | undefined, power: number): void => {
      const tensor = initializers.get(name ?? '');
      if (tensor)
        initializers.set(
          name!,
          divided(tensor, (i) => (sizeOf(tensor.dims) === rows ? units[i]! : 1) ** power),
        );
    };
    initializers.set(
      weight,
      divided(initializers.get(weight)!, (i) => units[at(i)]!),
    );
    over(bias, 1);
    over(norm.inputs[3], 1);
    over(norm.inputs[4], 2);
    norms.add(norm.outputs[0]!);
    const state = ratedFrom(dims, initializers.get(weight)!.data as Float32Array, 1);
    states.set(weight, { ...state, logStep: new Float32Array(rows), view: { ...state.view, transposed } });
  }
  const nodes = model.graph.nodes.map((node) =>
    norms.has(node.outputs[0] ?? '')
      ? { ...node, attributes: new Map(node.attributes).set('epsilon', { kind: 'float', value: epsilon }) }
      : node,
  );
  return { model: { ...model, graph: { ...model.graph, nodes, initializers } }, states };
}

const rescaled = (tensor: Tensor, by: Float64Array): Tensor => divided(tensor, (i) => 1 / by[i]!);

const divided = (tensor: Tensor, by: (i: number) => number): Tensor => ({
  ...tensor,
  data: (tensor.data as Float32Array).map((x, i) => x / by(i)),
});

/** The compression without the normalizations behind rated layers, whose biases have levels of this step; itself where there are none. */
export function folded(given: Compression, biasStep: number): Compression {
  const { model, states, statistics } = given;
  const dense = withWeights(model, states, statistics);
  const rated = new Map<string, WeightState>();
  const initializers = new Map(dense.graph.initializers);
  for (const { layer } of layersOf(dense)) {
    const state = states.get(layer.weight);
    if (state?.kind !== 'rated') continue;
    const rows = scaledRows(state, layer.scale);
    rated.set(layer.weight, rows);
    const gamma = initializers.get(layer.norm.inputs[1]!);
    if (gamma) initializers.set(layer.norm.inputs[1]!, rescaled(gamma, stretchOf(state, rows, layer.scale)));
  }
  if (rated.size === 0) return given;
  const rounded = { ...dense, graph: { ...dense.graph, initializers } };
  const result = foldBatchNorm(rounded, new Set(rated.keys())).model;
  for (const { name, role, dims } of parametersOf(result)) {
    const { data } = result.graph.initializers.get(name)!;
    if (rated.has(name)) continue;
    if (role === 'bias' && data !== initializers.get(name)?.data) rated.set(name, settle(ratedFrom(dims, data as Float32Array, biasStep)));
    else if (states.has(name)) rated.set(name, states.get(name)!);
  }
  const kept = new Set(result.graph.initializers.keys());
  return {
    model: result,
    states: rated,
    statistics: new Map([...statistics].filter(([name]) => kept.has(name))),
    trainable: given,
  };
}

/** By what rounding its step has stretched each row: the normalization is folded with that scale, so that its bias fits it. */
function stretchOf(before: RatedState, after: RatedState, scale: Float64Array): Float64Array {
  const steps = stepsOfRated(before);
  return stepsOfRated(after).reduce((all, step, r) => {
    const exact = steps[steps.length === 1 ? 0 : r]! * Math.abs(scale[r]!);
    all[r] = exact > 0 ? step / exact : 1;
    return all;
  }, new Float64Array(scale.length));
}
