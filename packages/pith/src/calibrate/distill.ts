/**
 * Inputs made for a network without any data: started from pink noise, changed until the statistics of its batch normalizations come out
 * as they were in training. Yin et al., Dreaming to Distill, 2020; without their classification loss.
 */
import { checkSignal, PithError } from '../base/errors.js';
import { type Model, sizeOf, type Tensor } from '../base/tensor.js';
import { type Engine, type Feeds, withSession } from '../engine/engine.js';
import { batchWithin } from './batch-size.js';
import { type DistillProgram, distillProgram } from './distill-program.js';
import { noiseSamples } from './noise.js';
import type { Samples } from './samples.js';

export interface DistillOptions {
  readonly engine: Engine;
  readonly threads: number;
  /** With its batch normalizations. */
  readonly model: Model;
  readonly count?: number;
  readonly steps?: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Steps done, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Distilled extends Samples {
  /** The loss of the noise at its best scale, and in the end: means over the parts that were made together. */
  readonly loss: { readonly before: number; readonly after: number };
}

/** Of the first step, in units of the inputs' scale; the last one's is a tenth. */
const rate = 0.16;
const decay = 0.1;
const scales = [-2, -1, 0, 1, 2, 3, 4, 5, 6].map((power) => 2 ** power);
/** Of the values of samples that are made together. */
const partBytes = 2 ** 30;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-20 } as const;

/**
 * Float inputs that the batch normalizations depend on are made so, the others are noise. Throws `unsupported.distillation` for a model
 * without batch normalization, `unsupported.gradient` where its inputs have no gradient, `interrupted.cancelled`.
 */
export async function distilledSamples(options: DistillOptions): Promise<Distilled> {
  const { engine, threads, model, count = 128, steps = 60, seed, signal, onProgress } = options;
  const noise = noiseSamples({ model, count, seed });
  const size = Math.min(count, batchWithin({ model, samples: noise, bytes: partBytes }));
  const made = new Map<string, Float32Array>();
  const losses: Trajectory[] = [];
  const parts = Math.ceil(count / size);
  for (let part = 0; part < parts; part++) {
    const start = Math.min(part * size, count - size);
    const feeds = noise.feeds(start, size);
    const program = distillProgram(model, feeds);
    const done = (step: number): void => onProgress?.(part * steps + step, parts * steps);
    const { inputs, loss } = await descend({ engine, threads, program, feeds, steps, signal, done });
    losses.push(loss);
    for (const [name, { data, dims }] of inputs) {
      const all = made.get(name) ?? new Float32Array((sizeOf(dims) / size) * count);
      all.set(data as Float32Array, (start * sizeOf(dims)) / size);
      made.set(name, all);
    }
  }
  const mean = (of: (t: Trajectory) => number): number => losses.reduce((sum, t) => sum + of(t), 0) / losses.length;
  return {
    count,
    origin: 'distilled',
    loss: { before: mean((t) => t.before), after: mean((t) => t.after) },
    feeds: (start, n) => new Map([...noise.feeds(start, n)].map(([name, t]) => [name, cut(t, made.get(name), { start, n, count })])),
  };
}

/** Samples from a tensor of all, where the input was made. */
function cut(drawn: Tensor, all: Float32Array | undefined, { start, n, count }: { start: number; n: number; count: number }): Tensor {
  if (!all) return drawn;
  const each = all.length / count;
  return { ...drawn, data: all.slice(start * each, (start + n) * each) };
}

interface Trajectory {
  readonly before: number;
  readonly after: number;
}

interface Descent {
  readonly engine: Engine;
  readonly threads: number;
  readonly program: DistillProgram;
  readonly feeds: Feeds;
  readonly steps: number;
  readonly signal: AbortSignal | undefined;
  readonly done: (step: number) => void;
}

/** Adam on the inputs that have a gradient, from noise at the scale that fits best. */
async function descend(options: Descent): Promise<{ readonly inputs: ReadonlyMap<string, Tensor>; readonly loss: Trajectory }> {
  const { engine, threads, program, feeds, steps, signal, done } = options;
  const { scale, loss: before } = await bestScale(options);
  const made = new Map([...program.gradients.keys()].map((name) => [name, scaled(feeds.get(name)!, scale)]));
  const states = new Map([...made].map(([name, t]) => [name, new Adam(t.data as Float32Array)]));
  return withSession(engine, program.model, { threads }, async (session) => {
    for (let step = 1; step <= steps; step++) {
      checkSignal(signal);
      const results = await session.run(new Map([...feeds, ...made]));
      finite(results.get(program.loss)!);
      for (const [input, output] of program.gradients)
        states.get(input)!.step(results.get(output)!.data as Float32Array, scale * rate * decay ** ((step - 1) / Math.max(1, steps - 1)));
      done(step);
    }
    const after = finite((await session.run(new Map([...feeds, ...made]))).get(program.loss)!);
    return { inputs: made, loss: { before, after } };
  });
}

async function bestScale({ engine, threads, program, feeds, signal }: Descent): Promise<{ readonly scale: number; readonly loss: number }> {
  return withSession(engine, program.measure, { threads }, async (session) => {
    const found: { scale: number; loss: number }[] = [];
    for (const scale of scales) {
      checkSignal(signal);
      const trial = [...program.gradients.keys()].map((name) => [name, scaled(feeds.get(name)!, scale)] as const);
      const results = await session.run(new Map([...feeds, ...trial]));
      found.push({ scale, loss: finite(results.get(program.loss)!) });
    }
    return found.reduce((a, b) => (b.loss < a.loss ? b : a));
  });
}

const scaled = (tensor: Tensor, by: number): Tensor => ({ ...tensor, data: (tensor.data as Float32Array).map((v) => v * by) });

/** Throws `numeric.loss`. */
function finite({ data }: Tensor): number {
  const loss = Number(data[0]);
  if (!Number.isFinite(loss))
    throw new PithError('numeric.loss', {
      expected: 'batch normalizations with finite inputs',
      got: `a distance of ${loss} from their statistics`,
      fix: 'check the weights for NaN, or use noise',
    });
  return loss;
}

/** Changes an array in place. */
class Adam {
  private readonly values: Float32Array;
  private readonly mean: Float32Array;
  private readonly square: Float32Array;
  private steps = 0;

  constructor(values: Float32Array) {
    this.values = values;
    this.mean = new Float32Array(values.length);
    this.square = new Float32Array(values.length);
  }

  step(gradient: Float32Array, rate: number): void {
    const { beta1, beta2, epsilon } = adam;
    this.steps++;
    const [m, v] = [1 - beta1 ** this.steps, 1 - beta2 ** this.steps];
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      this.mean[i] = beta1 * this.mean[i]! + (1 - beta1) * g;
      this.square[i] = beta2 * this.square[i]! + (1 - beta2) * g * g;
      this.values[i]! -= (rate * this.mean[i]!) / m / (Math.sqrt(this.square[i]! / v) + epsilon);
    }
  }
}
