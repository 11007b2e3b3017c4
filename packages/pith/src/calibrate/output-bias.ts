/**
 * One least-squares fit of all biases together, so that the outputs of a changed model come as near as they can to those of the model as
 * it was: one Gauss–Newton step, with as much damping as does best on samples that were left out.
 */
import { checkSignal } from '../base/errors.js';
import { damped, solve } from '../base/linalg.js';
import { Random } from '../base/random.js';
import { type Model, sizeOf, type Tensor } from '../base/tensor.js';
import { type Engine, type Feeds, withSession } from '../engine/engine.js';
import { toRef } from '../ops/ref.js';
import { batchesFor, batchFor } from './batch-size.js';
import { type BiasProgram, biasProgram } from './bias-program.js';
import { exposed } from './exposed.js';
import type { WeightLayer } from './layer.js';
import { observer } from './observed.js';
import type { Samples } from './samples.js';
import { type Batch, bySize } from './sweep.js';
import { widened } from './widened.js';

export interface OutputBiasOptions {
  readonly engine: Engine;
  readonly threads: number;
  /** The model as it was, and the same graph with other weights. */
  readonly reference: Model;
  readonly current: Model;
  /** Layers whose biases may change, in the order in which the network uses them. */
  readonly layers: readonly WeightLayer[];
  readonly samples: Samples;
  /** Biases are unknowns of one dense system: of more than so many numbers the last layers' are taken. */
  readonly most?: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Shares of the mean diagonal that are tried. */
const damps = [0.001, 0.01, 0.1, 1, 10];

/** Each how-many-th batch is left out of the fit that chooses the damping. */
const leftOut = 4;

/**
 * New biases by name; empty where no change of them helps. Throws `unsupported.gradient` where the output has no gradient with respect to
 * any, `interrupted.cancelled` and what the engine throws.
 */
export async function outputBias(options: OutputBiasOptions): Promise<Map<string, Float64Array>> {
  const { engine, threads, layers, most = 1024, signal, onProgress } = options;
  const { model: current, samples } = widened(options.current, options.samples);
  const { model: reference } = widened(options.reference, options.samples);
  const chosen = lastLayers(layers, most);
  const observe = observer({ engine, threads, model: current });
  const size = Math.min(await batchFor({ model: current, layers: chosen, samples, observe }), Math.ceil(samples.count / leftOut));
  const batches = batchesFor(current, samples.count, size);
  const fitted = new Equations();
  const held = new Equations();
  let biases: BiasProgram['biases'] = [];
  let done = 0;
  for (const group of bySize(batches)) {
    const feeds = feedsOf(samples, group[0]);
    const told = await observe(feeds);
    const program = biasProgram({ model: current, layers: chosen, feeds, told, samples: group[0].count });
    biases = program.biases;
    const wanted = exposed(reference, [{ value: program.output, as: 'float32' }]);
    await withSession(engine, wanted.model, { threads }, (first) =>
      withSession(engine, program.model, { threads }, async (second) => {
        for (const batch of group) {
          checkSignal(signal);
          const given = feedsOf(samples, batch);
          const target = (await wanted.run(first, given)).get(program.output)!;
          const results = await second.run(new Map([...given, [program.target, target], ...directions(program, batch, options.seed)]));
          const numbers = (name: string): Float32Array => results.get(name)!.data as Float32Array;
          const part = batches.indexOf(batch) % leftOut === leftOut - 1 ? held : fitted;
          part.add(numbers(program.square), numbers(program.right));
          done += batch.count;
          onProgress?.(done, samples.count);
        }
      }),
    );
  }
  const step = bestStep(fitted, held);
  return step ? moved(current, biases, step) : new Map();
}

const feedsOf = (samples: Samples, { start, count }: Batch): Feeds => samples.feeds(start, count);

/** As many layers from the end as have no more biases than that; those that share a bias with another have none of their own. */
function lastLayers(layers: readonly WeightLayer[], most: number): WeightLayer[] {
  const chosen: WeightLayer[] = [];
  let unknowns = 0;
  for (const layer of layers.toReversed()) {
    const own = layer.bias !== undefined && layers.every((other) => other === layer || other.bias !== layer.bias);
    if (!own || layer.readers.length !== 1) continue;
    unknowns += layer.rows;
    if (unknowns > most) break;
    chosen.unshift(layer);
  }
  return chosen;
}

/** Where there are as many directions as outputs, each output is one; else they are drawn, others for each sample. */
function directions({ probes, probeDims }: BiasProgram, { start, count }: Batch, seed: number): [string, Tensor][] {
  const each = sizeOf(probeDims) / count;
  return probes.map((name, draw) => {
    const data = new Float32Array(each * count);
    for (let s = 0; s < count; s++) {
      const random = Random.of(seed, 'direction', draw, start + s);
      for (let i = 0; i < each; i++) data[s * each + i] = probes.length === each ? Number(i === draw) : random.normal();
    }
    return [name, { dtype: 'float32', dims: probeDims, data }];
  });
}

/** Normal equations of a least-squares problem: square · x = right. */
class Equations {
  square = new Float64Array(0);
  right = new Float64Array(0);

  add(square: ArrayLike<number>, right: ArrayLike<number>): void {
    const plus = (sum: Float64Array, more: ArrayLike<number>): Float64Array<ArrayBuffer> =>
      Float64Array.from(more, (v, i) => v + (sum[i] ?? 0));
    this.square = plus(this.square, square);
    this.right = plus(this.right, right);
  }

  /** With `damp` of the mean diagonal. */
  solution(damp: number): Float64Array {
    const n = this.right.length;
    return solve(damped(this.square, n, damp), this.right, n);
  }

  /** How much a step takes off the squared error. */
  gain(step: Float64Array): number {
    const n = step.length;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      let along = 2 * this.right[i]!;
      for (let j = 0; j < n; j++) along -= this.square[i * n + j]! * step[j]!;
      sum += step[i]! * along;
    }
    return sum;
  }
}

/** The step of all equations with the damping that gains most on those that were held back; undefined where none gains. */
function bestStep(fitted: Equations, held: Equations): Float64Array | undefined {
  if (held.right.length === 0) return undefined;
  const gains = damps.map((damp) => ({ damp, gain: held.gain(fitted.solution(damp)) }));
  const best = gains.reduce((a, b) => (b.gain > a.gain ? b : a));
  if (!(best.gain > 0)) return undefined;
  fitted.add(held.square, held.right);
  return fitted.solution(best.damp);
}

function moved({ graph }: Model, biases: BiasProgram['biases'], step: Float64Array): Map<string, Float64Array> {
  let at = 0;
  return new Map(
    biases.map(({ name, size }) => {
      const values = toRef(graph.initializers.get(name)!).data.map((v, i) => v + step[at + i]!);
      at += size;
      return [name, values];
    }),
  );
}
