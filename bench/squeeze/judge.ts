/** How near a model's first output is to the original's, by ONNX Runtime alone, apart from pith's own measurement. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { NpyArray } from '../support/npy.js';

export interface Quality {
  /** Mean squared error over the variance of the original's output. */
  readonly error: number;
  /** Share of rows (samples, or tokens) whose largest number is where the original's is. */
  readonly agreement: number;
}

interface Output {
  readonly data: Float32Array;
  /** Numbers of a row: the last dimension. */
  readonly width: number;
}

const batch = 50;

async function outputOf(file: string, { dims, data }: NpyArray): Promise<Output> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const [count = 0, ...rest] = dims;
  const size = rest.reduce((a, b) => a * b, 1);
  const parts: Float32Array[] = [];
  let width = 1;
  for (let first = 0; first < count; first += batch) {
    const n = Math.min(batch, count - first);
    const part = data.subarray(first * size, (first + n) * size);
    const feed = part instanceof Float32Array ? new Tensor('float32', part, [n, ...rest]) : new Tensor('int64', part, [n, ...rest]);
    const output = (await session.run({ [session.inputNames[0]!]: feed }))[session.outputNames[0]!]!;
    if (!(output.data instanceof Float32Array)) throw new Error(`${file}: the first output is ${output.type}, not float32`);
    width = output.dims.at(-1) ?? 1;
    parts.push(output.data);
  }
  await session.release();
  const joined = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return { data: joined, width };
}

const largest = ({ data, width }: Output, row: number): number => {
  let best = row * width;
  for (let i = best + 1; i < (row + 1) * width; i++) if (data[i]! > data[best]!) best = i;
  return best;
};

/** Judges models against the one in `original`, on these inputs. */
export async function judgeOf(original: string, inputs: NpyArray): Promise<(file: string) => Promise<Quality>> {
  const reference = await outputOf(original, inputs);
  const { data, width } = reference;
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const variance = data.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return async (file) => {
    const output = await outputOf(file, inputs);
    const error = data.reduce((sum, v, i) => sum + (v - output.data[i]!) ** 2, 0) / variance;
    const rows = data.length / width;
    let same = 0;
    for (let row = 0; row < rows; row++) if (largest(reference, row) === largest(output, row)) same++;
    return { error, agreement: same / rows };
  };
}
