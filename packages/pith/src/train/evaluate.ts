/** Top-1 error and loss of a model on a split, in batches, by any engine. */
import { checkSignal, PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { batches } from '../data/batches.js';
import type { Split } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { type Engine, withSession } from '../engine/engine.js';
import { countWrong } from './fit.js';

export interface EvaluateOptions {
  readonly engine: Engine;
  readonly model: Model;
  readonly split: Split;
  readonly preprocess: Preprocess;
  /** Images at a time; 500 unless said, 1 where the model has a fixed batch of 1. */
  readonly batch?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Evaluation {
  /** Share of images whose largest output is not their label. */
  readonly error: number;
  /** Mean softmax cross-entropy, in nats. */
  readonly loss: number;
  readonly count: number;
  /** [label][predicted] counts. */
  readonly confusion: readonly (readonly number[])[];
}

/** Throws `unsupported.inputs` for a model that is no classifier of one image, `input.label` for labels outside its outputs. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { engine, model, split, preprocess, threads = 0, signal, onProgress } = options;
  const input = model.graph.inputs.find((v) => !model.graph.initializers.has(v.name));
  const output = model.graph.outputs[0];
  if (!input || !output) throw new PithError('unsupported.inputs', { expected: 'a model with an input and an output', got: 'none' });
  const fixed = input.dims?.[0];
  const batch = Math.min(split.count, typeof fixed === 'number' ? fixed : (options.batch ?? 500));
  return withSession(engine, model, { threads }, async (session) => {
    let wrong = 0;
    let loss = 0;
    let done = 0;
    const confusion: number[][] = [];
    for (const { images, labels, dims, count } of batches({ split, batch, preprocess, shuffle: false, dropLast: typeof fixed === 'number' })) {
      checkSignal(signal);
      const results = await session.run(new Map([[input.name, { dtype: 'float32', dims, data: images }]]));
      const logits = results.get(output.name)!;
      const classes = logits.data.length / count;
      if (logits.dtype !== 'float32' || !Number.isInteger(classes))
        throw new PithError('unsupported.outputs', { expected: 'float32 logits for each image', got: `${logits.dtype} [${logits.dims}]` });
      const data = logits.data as Float32Array;
      for (let i = 0; i < count; i++) {
        const row = data.subarray(i * classes, (i + 1) * classes);
        const label = labels[i]!;
        loss += crossEntropy(row, label);
        const counts = (confusion[label] ??= new Array<number>(classes).fill(0));
        counts[row.indexOf(Math.max(...row))]!++;
      }
      wrong += countWrong(data, labels, classes);
      done += count;
      onProgress?.(done, split.count);
    }
    return { error: wrong / done, loss: loss / done, count: done, confusion: Array.from(confusion, (row) => row ?? []) };
  });
}

function crossEntropy(logits: Float32Array, label: number): number {
  if (label >= logits.length)
    throw new PithError('input.label', { expected: `labels in 0 … ${logits.length - 1}, the network's outputs`, got: String(label) });
  const most = Math.max(...logits);
  let sum = 0;
  for (const z of logits) sum += Math.exp(z - most);
  return Math.log(sum) + most - logits[label]!;
}
