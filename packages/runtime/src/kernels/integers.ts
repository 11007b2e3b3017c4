/** Weights that are integers times steps, one for each output and one for each input: as kernels read them that multiply integers. */
import { trellisNext, trellisValue } from '../codec/trellis.js';
import type { StoredTensor } from '../format/stored.js';
import { type Levels, stepOf, type UniformStored } from '../format/uniform.js';
import type { Epilogue } from './choice.js';

export interface Integers {
  /** [outputs][k], each of 16 bits. */
  readonly levels: Levels;
  /** What the sums of each output are multiplied with. */
  readonly scale: Float32Array;
  /** What the activations are multiplied with before they are rounded: one for each of so many inputs in a row, which share it. */
  readonly factors: Float32Array;
  readonly perFactor: number;
  /** How large rounded activations may be so that no sum of products leaves 32 bits: 32767 at most. */
  readonly range: number;
}

/** Rounded activations have magnitudes up to this; fewer would be too coarse. */
const most = 32767;
const fewest = 255;
/** Sums of steps within this are not held at the ends of their range. */
const widestStep = 1600;

/** Undefined where the weight is stored otherwise, or its integers are too large. `outputs` lead its dims. */
export function integersOf(stored: StoredTensor, outputs: number, { scale: factors }: Epilogue): Integers | undefined {
  const form = stored.kind === 'uniform' ? byOutput(stored) : undefined;
  if (!form || form.outputs !== outputs || Math.abs(form.step) > widestStep || form.levels.length === 0) return undefined;
  const { levels, step, outputSteps, inputSteps, inputs, perFactor } = form;
  const range = rangeOf(levels, outputs);
  if (range < fewest) return undefined;
  return {
    levels,
    scale: Float32Array.from({ length: outputs }, (_, o) => stepOf(step + (outputSteps?.[o] ?? 0)) * (factors ? factors[o]! : 1)),
    factors: Float32Array.from({ length: inputs }, (_, i) => stepOf(inputSteps?.[i] ?? 0)),
    perFactor,
    range,
  };
}

interface Form {
  readonly levels: Levels;
  readonly outputs: number;
  readonly inputs: number;
  readonly perFactor: number;
  readonly step: number;
  readonly outputSteps: Int8Array | null;
  readonly inputSteps: Int8Array | null;
}

/** The view with a row for each output; of one that lies on its side, the transpose. */
function byOutput(stored: UniformStored): Form | undefined {
  const { view, step, rowSteps, columnSteps } = stored;
  const levels = stored.grid === 'trellis' ? multiples(stored.levels) : stored.levels;
  const { rows, columns, positions, transposed } = view;
  if (!transposed)
    return { levels, outputs: rows, inputs: columns, perFactor: positions, step, outputSteps: rowSteps, inputSteps: columnSteps };
  if (positions !== 1) return undefined;
  const turned = levels.slice();
  for (let r = 0, i = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = levels[i++]!;
  return { levels: turned, outputs: columns, inputs: rows, perFactor: 1, step, outputSteps: columnSteps, inputSteps: rowSteps };
}

/** What the levels of the trellis stand for, in steps. */
function multiples(levels: Levels): Int32Array {
  let state = 0;
  return Int32Array.from(levels, (level) => {
    const value = trellisValue(level, state);
    state = trellisNext[2 * state + (level & 1)]!;
    return value;
  });
}

/** 0 where a level leaves 16 bits. */
function rangeOf(levels: Levels, outputs: number): number {
  const k = levels.length / outputs;
  let widest = 1;
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = o * k; i < (o + 1) * k; i++) {
      const magnitude = Math.abs(levels[i]!);
      if (magnitude > most) return 0;
      sum += magnitude;
    }
    widest = Math.max(widest, sum);
  }
  return Math.min(most, Math.floor((2 ** 31 - 1) / widest));
}

/** Numbers of outputs, zeros up to whole blocks of four. */
export function inFours(given: Float32Array): Float32Array {
  const out = new Float32Array(Math.ceil(given.length / 4) * 4);
  out.set(given);
  return out;
}
