/**
 * `rate`: training that sees the bytes. Every weight and bias becomes integers times a learned step; the loss is distillation from the model
 * as it came plus λ times the rate (train/rate/); units that nothing reads any more are removed between epochs. With `bytes`, λ follows the
 * size of the coded file until it is as small as that.
 */
import { z } from 'zod';
import type { Model } from '../../base/tensor.js';
import { augmentSetting, namedAugment } from '../../data/augment/named.js';
import { parametrizationOf, type WeightState } from '../../parametrization/list.js';
import { ratedFrom, settle } from '../../parametrization/rated.js';
import { type FitState, fit, withWeights } from '../../train/fit.js';
import { distillation } from '../../train/losses/distillation.js';
import type { Loss } from '../../train/losses/loss.js';
import { isWeight, type Parameter, parametersOf } from '../../train/parameters.js';
import { Pricing } from '../../train/rate/pricing.js';
import { shapesOf } from '../../train/rate/shape.js';
import { rateTerm } from '../../train/rate/term.js';
import { sharpnessOf, taught } from '../../train/taught.js';
import { type Compression, step } from '../step.js';
import { hasDead, narrowed, openGroups, ordered, withoutDead } from './rate/shrink.js';

export const rate = step({
  what: 'trains weights as integers against the loss and the bytes that they take',
  settings: z.strictObject({
    epochs: z.int().min(1),
    batch: z.int().min(1).default(128),
    rate: z.number().positive().default(3e-3),
    end: z.number().min(0).max(1).default(0.005),
    /** Loss per bit. */
    lambda: z.number().min(0),
    /** λ begins at this share of itself and rises geometrically over the first `ramp` of the steps. */
    from: z.number().positive().max(1).default(0.03),
    ramp: z.number().min(0).max(1).default(0.25),
    /** The size that λ is steered to, of the whole file; absent: λ stays. */
    bytes: z.number().positive().optional(),
    /** Of the teacher in the loss, and its temperature. */
    teacher: z.number().min(0).max(1).default(0.3),
    temperature: z.number().positive().default(1),
    /** Different augmented epochs; the teacher is asked about each once. */
    editions: z.int().min(1).default(8),
    /** Steps at the start: of weights as a share of their standard deviation, of biases. */
    step: z.number().positive().default(0.6),
    biasStep: z.number().positive().default(0.1),
    /** The share of the epochs after which steps are those that a file can hold, and stay. */
    settle: z.number().min(0).max(1).default(0.85),
    /** Units of each layer to begin with, by the name of its weight. */
    widths: z.record(z.string(), z.int().min(1)).default({}),
    augment: augmentSetting.default('mild'),
  }),
  async run(before, settings, context) {
    const { host, data, preprocess, seed, signal, onProgress, resume, onStep } = context;
    const { epochs, bytes, ...rest } = settings;
    const plan = { epochs, optimizer: 'adam', rate: rest.rate, schedule: { kind: 'cosine', end: rest.end }, ...plain } as const;
    const { teachers } = context;
    const sharpness = await sharpnessOf({ engine: host.engine, teachers, split: data.train, preprocess, signal });
    const source = await taught({
      engine: host.engine,
      threads: 1,
      teachers,
      sharpness,
      editions: rest.editions,
      source: host.source({
        split: data.train,
        batch: Math.min(rest.batch, data.train.count),
        seed,
        preprocess,
        augment: namedAugment(rest.augment, data.train),
        signal,
      }),
    });
    const sizes: number[] = [];
    const settling = Math.ceil(rest.settle * epochs);
    try {
      let now = resume?.model
        ? { ...before, model: resume.model, states: statesOf(resume.model, resume.arrays, resume.epoch >= settling && settling < epochs) }
        : begin(before, rest);
      let state = resume;
      for (;;) {
        const { model, states, statistics } = now;
        const parameters = parametersOf(model).filter((p) => states.has(p.name));
        const pricing = new Pricing({ ...rest, shapes: shapesOf(model, parameters), kept: state?.arrays });
        const whole = (s: FitState): FitState => ({ ...s, arrays: new Map([...s.arrays, ...pricing.entries()]), model });
        const after = (arrays: ReadonlyMap<string, Float32Array>): Compression => ({ ...now, states: statesOf(model, arrays, false) });
        const result = await fit({
          engine: host.engine,
          threads: 1,
          model: withWeights(model, new Map(), statistics),
          states,
          source,
          plan,
          loss: lossOf(parameters, rest),
          feed: ({ at, total, batch, arrays }) => new Map([['teacher', batch.teacher!], ...pricing.at(at, total, arrays)]),
          pause(arrays, done) {
            const size = context.bytesOf(after(arrays));
            sizes.push(size);
            if (bytes !== undefined && done >= rest.ramp * epochs && done < steered * epochs)
              pricing.steer(size, bytes, reach ** (1 / (slowness * epochs)));
            return done === settling || hasDead(after(arrays));
          },
          signal,
          onProgress,
          resume: state,
          onStep: onStep && ((s) => onStep(() => whole(s()))),
        });
        const trained: Compression = {
          model,
          states: viewed(model, result.states),
          statistics: new Map([...statistics, ...result.statistics]),
        };
        if (!result.paused) {
          const { compression } = withoutDead({ compression: settled(trained), arrays: new Map() });
          return {
            after: ordered(compression),
            epochs: result.history,
            aim: pricing.lambda,
            notes: { lambda: pricing.lambda, sharpness, sizes },
          };
        }
        const shrunk = withoutDead({ compression: trained, arrays: whole(result.paused).arrays });
        const settles = result.paused.epoch >= settling;
        now = settles ? settled(shrunk.compression) : shrunk.compression;
        state = { ...result.paused, arrays: settles ? settledArrays(shrunk.arrays, now) : shrunk.arrays, model: now.model };
      }
    } finally {
      await source.close();
    }
  },
});

/** The share of the epochs after which λ stays: the learning rate is too small for it to matter. */
const steered = 0.9;

/** λ may be moved by a factor `reach` in this share of the epochs. */
const reach = 8;
const slowness = 0.4;

/** What the schedule of weights does without. */
const plain = { loss: 'softmax-cross-entropy', labelSmoothing: 0, weightDecay: 0, clipNorm: 0 } as const;

interface Start {
  readonly step: number;
  readonly biasStep: number;
  readonly widths: Readonly<Record<string, number>>;
}

/** Narrower where that is asked, and every trained weight that is not yet rated made so. */
function begin({ model, states, statistics }: Compression, { step, biasStep, widths }: Start): Compression {
  let narrow = withWeights(model, states, statistics);
  for (const { maker } of openGroups(model)) {
    const group = openGroups(narrow).find((g) => g.maker === maker)!;
    if (Object.hasOwn(widths, maker)) narrow = narrowed(narrow, group, widths[maker]!);
  }
  const rated = parametersOf(narrow)
    .filter((p) => isWeight(p) || p.role === 'bias')
    .map(({ name, dims, role }): [string, WeightState] => {
      const known = states.get(name);
      if (known?.kind === 'rated' && known.dims.join() === dims.join()) return [name, { ...known, settled: false }];
      const values = narrow.graph.initializers.get(name)!.data as Float32Array;
      const spread = deviation(values);
      return [name, ratedFrom(dims, values, role === 'bias' ? biasStep : spread > 0 ? step * spread : step)];
    });
  return { model: narrow, states: new Map(rated), statistics: new Map() };
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return Math.sqrt(values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / Math.max(1, values.length));
}

/** With steps that a file can hold. */
const settled = (c: Compression): Compression => ({
  ...c,
  states: new Map([...c.states].map(([name, state]) => [name, state.kind === 'rated' ? settle(state) : state])),
});

/** Arrays of training with the weights and steps of these states. */
function settledArrays(arrays: ReadonlyMap<string, Float32Array>, { states }: Compression): Map<string, Float32Array> {
  const changed = new Map(arrays);
  for (const [name, state] of states)
    if (state.kind === 'rated') for (const { name: array, data } of parametrizationOf(state).trained(name, state)) changed.set(array, data);
  return changed;
}

/** The states, the rated ones as the coder sees them in this model. */
function viewed(model: Model, states: ReadonlyMap<string, WeightState>): Map<string, WeightState> {
  const shapes = shapesOf(model, parametersOf(model));
  return new Map(
    [...states].map(([name, state]) => {
      const { positions, transposed = false } = shapes.get(name)!;
      return [name, state.kind === 'rated' ? { ...state, view: { positions, transposed } } : state];
    }),
  );
}

/** The rated states that the arrays of a training program hold. */
function statesOf(model: Model, arrays: ReadonlyMap<string, Float32Array>, settled: boolean): Map<string, WeightState> {
  const parameters = parametersOf(model).filter((p) => arrays.has(`${p.name}/shadow`));
  const shapes = shapesOf(model, parameters);
  return new Map(
    parameters.map(({ name, dims }): [string, WeightState] => {
      const { positions, transposed = false } = shapes.get(name)!;
      const [values, logStep] = [arrays.get(`${name}/shadow`)!, arrays.get(`${name}/step`)!];
      return [name, { kind: 'rated', dims, values, logStep, view: { positions, transposed }, settled }];
    }),
  );
}

function lossOf(weights: readonly Parameter[], { teacher, temperature }: { teacher: number; temperature: number }): Loss {
  const task = distillation({ share: teacher, temperature });
  return {
    name: 'distillation and rate',
    build: (op, output, target, context) => op.Add(task.build(op, output, target, context), rateTerm(op, weights, context)),
  };
}
