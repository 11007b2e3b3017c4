/** A compression as the arrays and JSON of a checkpoint, and back: every bit of it. */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { readOnnx } from '../onnx/read.js';
import { writeOnnx } from '../onnx/write.js';
import { parametrizationOf, parametrizations, type WeightState } from '../parametrization/list.js';
import type { Parametrization, State } from '../parametrization/parametrization.js';
import type { CheckpointArray } from '../train/checkpoint.js';
import type { Compression } from './step.js';

interface SavedWeight {
  readonly name: string;
  readonly kind: string;
  readonly dims: readonly number[];
  /** How many trained arrays, and the names of the fixed ones. */
  readonly trained: number;
  readonly fixed: readonly string[];
}

export interface SavedCompression {
  readonly weights: readonly SavedWeight[];
  readonly statistics: readonly string[];
  readonly trainable?: SavedCompression;
}

/** The name of a model among the arrays of a checkpoint, as the bytes of an ONNX file. */
const modelName = 'model';
/** Before the names of the arrays of the form in which training goes on. */
const within = 'trainable/';

export const modelEntry = (model: Model): [string, CheckpointArray] => [modelName, writeOnnx(model)];

/** The model among the arrays, or the one given. */
export function modelIn(arrays: ReadonlyMap<string, CheckpointArray>, otherwise: Model): Model {
  const bytes = arrays.get(modelName);
  return bytes instanceof Uint8Array ? readOnnx(bytes) : otherwise;
}

/** `start`: the model that need not be kept. */
export function saveCompression(
  { model, states, statistics, trainable }: Compression,
  start: Model,
): { arrays: Map<string, CheckpointArray>; saved: SavedCompression } {
  const arrays = new Map<string, CheckpointArray>(model === start ? [] : [modelEntry(model)]);
  const weights = [...states].map(([name, state]) => {
    const parametrization = parametrizationOf(state);
    const trained = parametrization.trained(name, state);
    const fixed = parametrization.fixed(state);
    for (const [i, { data }] of trained.entries()) arrays.set(`weight/${name}/trained/${i}`, data);
    for (const [key, array] of Object.entries(fixed)) arrays.set(`weight/${name}/fixed/${key}`, array);
    return { name, kind: state.kind, dims: state.dims, trained: trained.length, fixed: Object.keys(fixed) };
  });
  for (const [name, array] of statistics) arrays.set(`statistic/${name}`, array);
  const inner = trainable && saveCompression(trainable, start);
  for (const [name, array] of inner?.arrays ?? []) arrays.set(`${within}${name}`, array);
  return { arrays, saved: { weights, statistics: [...statistics.keys()], ...(inner && { trainable: inner.saved }) } };
}

/** Throws `input.checkpoint` where an array is missing or of another kind. `model`: the one that was not kept. */
export function restoreCompression(model: Model, arrays: ReadonlyMap<string, CheckpointArray>, saved: SavedCompression): Compression {
  const states = new Map(
    saved.weights.map((w): [string, WeightState] => {
      if (!Object.hasOwn(parametrizations, w.kind)) throw missing(w.name, w.kind);
      const parametrization = parametrizations[w.kind as WeightState['kind']] as unknown as Parametrization<State>;
      const trained = Array.from({ length: w.trained }, (_, i) => floats(arrays, `weight/${w.name}/trained/${i}`));
      const fixed = Object.fromEntries(w.fixed.map((key) => [key, whole(arrays, `weight/${w.name}/fixed/${key}`)]));
      return [w.name, parametrization.restore(w.dims, trained, fixed) as WeightState];
    }),
  );
  return {
    model: modelIn(arrays, model),
    states,
    statistics: new Map(saved.statistics.map((name) => [name, floats(arrays, `statistic/${name}`)])),
    ...(saved.trainable && { trainable: restoreCompression(model, innerOf(arrays), saved.trainable) }),
  };
}

const innerOf = (arrays: ReadonlyMap<string, CheckpointArray>): Map<string, CheckpointArray> =>
  new Map([...arrays].flatMap(([name, array]) => (name.startsWith(within) ? [[name.slice(within.length), array] as const] : [])));

const missing = (name: string, got: string): PithError =>
  new PithError('input.checkpoint', {
    at: { tensor: name },
    expected: 'an array of a known kind',
    got,
    fix: 'start the run again in another folder',
  });

function floats(arrays: ReadonlyMap<string, CheckpointArray>, name: string): Float32Array {
  const found = arrays.get(name);
  if (!(found instanceof Float32Array)) throw missing(name, found ? 'another type' : 'none');
  return found;
}

function whole(arrays: ReadonlyMap<string, CheckpointArray>, name: string): Uint8Array | Uint16Array {
  const found = arrays.get(name);
  if (!found || found instanceof Float32Array) throw missing(name, found ? 'floats' : 'none');
  return found;
}
