/** Top-1 error and loss of a model on a split, in batches, by any engine. */
import { checkSignal, PithError } from '../base/errors.js';
import type { Model, Tensor } from '../base/tensor.js';
import { batches } from '../data/batches.js';
import type { Split } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { type Engine, withSession } from '../engine/engine.js';
import { argmax } from './fit.js';

export interface EvaluateOptions {
  readonly engine: Engine;
  readonly model: Model;
  readonly split: Split;
  readonly preprocess: Preprocess;
  /** Images at a time; 500 unless said, and what the model says where its batch is fixed. */
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

/**
 * Throws `unsupported.inputs` and `unsupported.outputs` for a model that is no classifier of one image, `input.label` for labels outside
 * its outputs, `numeric.outputs` where an output is NaN.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { engine, model, split, preprocess, threads = 0, signal, onProgress } = options;
  const inputs = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  const [input] = inputs;
  const output = model.graph.outputs[0];
  if (!input || !output || inputs.length > 1)
    throw new PithError('unsupported.inputs', { expected: 'a model with one input and an output', got: `${inputs.length} inputs` });
  const fixed = input.dims?.[0];
  // A model of a fixed batch gets its last batch filled up with zeros.
  const whole = typeof fixed === 'number' ? fixed : undefined;
  const batch = Math.min(split.count, whole ?? options.batch ?? 500);
  return withSession(engine, model, { threads }, async (session) => {
    let wrong = 0;
    let loss = 0;
    let done = 0;
    const confusion: number[][] = [];
    for (const { images, labels, dims, count } of batches({ split, batch, preprocess, shuffle: false })) {
      checkSignal(signal);
      const rows = whole ?? count;
      const results = await session.run(
        new Map([[input.name, { dtype: 'float32', dims: [rows, ...dims.slice(1)], data: filled(images, (images.length / count) * rows) }]]),
      );
      const { data, classes } = logitsOf(results.get(output.name)!, rows);
      for (let i = 0; i < count; i++) {
        const label = labels[i]!;
        loss += crossEntropy(data.subarray(i * classes, (i + 1) * classes), label);
        const best = argmax(data, i * classes, classes);
        if (best !== label) wrong++;
        confusion[label] ??= new Array<number>(classes).fill(0);
        confusion[label][best]!++;
      }
      done += count;
      onProgress?.(done, split.count);
    }
    return { error: wrong / done, loss: loss / done, count: done, confusion: Array.from(confusion, (row) => row ?? []) };
  });
}

function filled(images: Float32Array, size: number): Float32Array {
  if (images.length === size) return images;
  const all = new Float32Array(size);
  all.set(images);
  return all;
}

/** [rows, classes], or with further axes of 1. */
function logitsOf({ dtype, dims, data }: Tensor, rows: number): { readonly data: Float32Array; readonly classes: number } {
  const classes = dims[1] ?? 0;
  if (dtype !== 'float32' || dims[0] !== rows || classes === 0 || data.length !== rows * classes)
    throw new PithError('unsupported.outputs', {
      expected: `float32 logits [${rows}, classes]`,
      got: `${dtype} [${dims}]`,
      fix: 'pith measures classifiers of one image',
    });
  return { data: data as Float32Array, classes };
}

/** Throws `numeric.outputs` for NaN. */
function crossEntropy(logits: Float32Array, label: number): number {
  if (label >= logits.length)
    throw new PithError('input.label', { expected: `labels in 0 … ${logits.length - 1}, the network's outputs`, got: String(label) });
  const most = logits[argmax(logits, 0, logits.length)]!;
  let sum = 0;
  for (const z of logits) sum += Math.exp(z - most);
  const loss = Math.log(sum) + most - logits[label]!;
  if (Number.isNaN(loss))
    throw new PithError('numeric.outputs', {
      expected: 'finite outputs',
      got: 'NaN or infinity',
      fix: 'check weights and data for NaN, and how pixels become numbers',
    });
  return loss;
}
