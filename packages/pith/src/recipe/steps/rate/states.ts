/** The states of rated training and the arrays of its graph, one from the other; and how fast each array learns. */
import type { Model } from '../../../base/tensor.js';
import { parametrizationOf, type WeightState } from '../../../parametrization/list.js';
import { settle } from '../../../parametrization/rated.js';
import { parametersOf } from '../../../train/parameters.js';
import { shapesOf } from '../../../train/rate/shape.js';
import type { Compression } from '../../step.js';

/** To begin with, for weights that have one step: a share of their standard deviation. */
export function firstStep(values: Float32Array, share: number): number {
  const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  const deviation = Math.sqrt(values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / Math.max(1, values.length));
  return deviation > 0 ? share * deviation : share;
}

interface Paces {
  readonly stepPace: number;
  readonly vectorPace: number;
  /** The share that `firstStep` takes. */
  readonly step: number;
}

/**
 * Weights in units of steps learn at the rate itself, others by as much as their first step is larger or smaller; steps and vectors at a
 * share. The model holds the weights as they were at first: training that is taken up again has the same paces.
 */
export function pacesOf(
  model: Model,
  states: ReadonlyMap<string, WeightState>,
  { stepPace, vectorPace, step }: Paces,
): Map<string, number> {
  const paces = new Map<string, number>();
  for (const { name, role } of parametersOf(model)) {
    const state = states.get(name);
    if (state?.kind !== 'rated') {
      if (role !== 'statistic') paces.set(name, vectorPace);
      continue;
    }
    const rows = state.logStep.length > 1;
    paces.set(
      `${name}/shadow`,
      role === 'bias' ? vectorPace : rows ? 1 : firstStep(model.graph.initializers.get(name)!.data as Float32Array, step),
    );
    if (!state.settled) paces.set(`${name}/step`, stepPace);
  }
  return paces;
}

/** With steps that a file can hold. */
export const settled = (c: Compression): Compression => ({
  ...c,
  states: new Map([...c.states].map(([name, state]) => [name, state.kind === 'rated' ? settle(state) : state])),
});

/** Arrays of training with the weights and steps of these states. */
export function settledArrays(arrays: ReadonlyMap<string, Float32Array>, { states }: Compression): Map<string, Float32Array> {
  const changed = new Map(arrays);
  for (const [name, state] of states)
    if (state.kind === 'rated') for (const { name: array, data } of parametrizationOf(state).trained(name, state)) changed.set(array, data);
  return changed;
}

/** The states, the rated ones as the coder sees them in this model. */
export function viewed(model: Model, states: ReadonlyMap<string, WeightState>): Map<string, WeightState> {
  const shapes = shapesOf(model, parametersOf(model));
  return new Map(
    [...states].map(([name, state]) => {
      const { positions, transposed = false } = shapes.get(name)!;
      return [name, state.kind === 'rated' ? { ...state, view: { positions, transposed } } : state];
    }),
  );
}

/** The trained arrays of these states by name. */
export const arraysOf = (states: ReadonlyMap<string, WeightState>): Map<string, Float32Array> =>
  new Map(
    [...states].flatMap(([name, state]) =>
      parametrizationOf(state)
        .trained(name, state)
        .map((t) => [t.name, t.data] as const),
    ),
  );

/** What the arrays of a training program hold: rated states, what else is trained, statistics. */
export function trainedOf(model: Model, arrays: ReadonlyMap<string, Float32Array>, settled: boolean): Compression {
  const parameters = parametersOf(model);
  const shapes = shapesOf(model, parameters);
  const states = new Map<string, WeightState>();
  const statistics = new Map<string, Float32Array>();
  for (const { name, role, dims } of parameters) {
    const [values, logStep, whole] = [arrays.get(`${name}/shadow`), arrays.get(`${name}/step`), arrays.get(name)];
    const { positions, transposed = false } = shapes.get(name)!;
    if (role === 'statistic') statistics.set(name, whole!);
    else if (values && logStep)
      states.set(name, { kind: 'rated', dims, values, logStep, view: { positions, transposed }, settled: settled && logStep.length === 1 });
    else if (whole) states.set(name, { kind: 'dense', dims, values: whole });
  }
  return { model, states, statistics };
}
