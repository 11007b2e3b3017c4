/**
 * `rate`: training that sees the bytes. Every weight and bias becomes integers times a learned step; the loss is distillation from the model
 * as it came plus λ times the rate (train/rate/); units that nothing reads any more are removed between epochs. With `bytes`, λ follows the
 * size of the coded file until it is as small as that.
 */
import { z } from 'zod';
import { PithError } from '../../base/errors.js';
import { augmentSetting, namedAugment } from '../../data/augment/named.js';
import type { WeightState } from '../../parametrization/list.js';
import { type RatedState, ratedFrom } from '../../parametrization/rated.js';
import { type FitState, fit, withWeights } from '../../train/fit.js';
import { distillation } from '../../train/losses/distillation.js';
import type { Loss } from '../../train/losses/loss.js';
import { isWeight, type Parameter, parametersOf } from '../../train/parameters.js';
import { Pricing } from '../../train/rate/pricing.js';
import { shapesOf } from '../../train/rate/shape.js';
import { rateTerm } from '../../train/rate/term.js';
import { measuredStatistics } from '../../train/statistics.js';
import { sharpnessOf, taught } from '../../train/taught.js';
import { type Compression, step } from '../step.js';
import { folded, inUnits } from './rate/normalized.js';
import { hasDead, narrowed, openGroups, ordered, withoutDead } from './rate/shrink.js';
import { arraysOf, firstStep, pacesOf, settled, settledArrays, trainedOf, viewed } from './rate/states.js';

/** Absent: normalizations are trained and stored as they are. */
const normalized = z.strictObject({
  /** Steps of rows at the start, as a share of the root mean square of the row. */
  step: z.number().positive().default(0.9),
  /** Learning rates over that of the weights: of the logarithms of steps, of normalizations and biases. */
  stepPace: z.number().min(0).default(0.25),
  vectorPace: z.number().min(0).default(0.05),
  /** The levels of the biases that normalizations become. */
  biasStep: z.number().positive().default(0.04),
});

export const rate = step({
  what: 'trains weights as integers against the loss and the bytes that they take',
  taught: true,
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
    /** Batches by which the statistics of normalizations are measured at the end. */
    measured: z.int().min(1).default(40),
    /** Layers that a batch normalization follows are trained in units of steps, each row with its own, and folded at the end. */
    normalized: normalized.optional(),
  }),
  async run(before, settings, context) {
    const { host, data, preprocess, seed, signal, onProgress, resume, onStep } = context;
    const { epochs, bytes, normalized, ...rest } = settings;
    // steps of networks without normalizations take about a millisecond: neither threads nor workers gain by them
    const { threads, stepping } = normalized ? host : { threads: 1, stepping: undefined };
    const finished = (c: Compression): Compression => {
      const sorted = ordered(withoutDead({ compression: c, arrays: new Map() }).compression);
      return normalized ? folded(sorted, normalized.biasStep) : sorted;
    };
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
    const sizes: Size[] = [];
    const settling = Math.ceil(rest.settle * epochs);
    try {
      let now = resume?.model
        ? trainedOf(resume.model, resume.arrays, resume.epoch >= settling && settling < epochs)
        : begin(before.trainable ?? before, settings);
      let state = resume;
      for (;;) {
        const { model, states, statistics } = now;
        const parameters = parametersOf(model).filter((p) => states.get(p.name)?.kind === 'rated');
        const pricing = new Pricing({ ...rest, shapes: shapesOf(model, parameters), kept: state?.arrays });
        const whole = (s: FitState): FitState => ({ ...s, arrays: new Map([...s.arrays, ...pricing.entries()]), model });
        const after = (arrays: ReadonlyMap<string, Float32Array>): Compression => trainedOf(model, arrays, false);
        const result = await fit({
          engine: host.engine,
          threads,
          stepping,
          model: withWeights(model, new Map(), statistics),
          states,
          paces: normalized && pacesOf(model, states, { ...normalized, step: rest.step }),
          source,
          plan,
          loss: lossOf(parameters, rest),
          feed: ({ at, total, batch, arrays }) => new Map([['teacher', batch.teacher!], ...pricing.at(at, total, arrays)]),
          pause(arrays, done) {
            const size = context.bytesOf(finished(after(arrays)));
            sizes.push({ bytes: size, estimate: pricing.estimate(arrays) });
            pricing.coded(arrays, size);
            if (bytes !== undefined && done < steered * epochs) {
              const most = reach ** (1 / (slowness * epochs));
              if (done < rest.ramp * epochs) pricing.steer(size, bytes, most / rest.from ** (1 / (rest.ramp * epochs)), 1);
              else pricing.steer(size, bytes, most, most);
            }
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
          const last = settled(trained);
          const measured = await measuredStatistics({
            engine: host.engine,
            threads,
            model: withWeights(model, last.states, last.statistics),
            split: data.train,
            batch: rest.batch,
            batches: rest.measured,
            augment: namedAugment(rest.augment, data.train),
            seed,
            preprocess,
            signal,
          });
          return {
            after: finished({ ...last, statistics: new Map([...last.statistics, ...measured]) }),
            epochs: result.history,
            aim: pricing.lambda,
            notes: { lambda: pricing.lambda, sharpness, sizes, estimate: pricing.estimate(arraysOf(last.states)) },
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

/** Of the file at the end of an epoch: bytes, and what they were expected to be, from the second look on. */
interface Size {
  readonly bytes: number;
  readonly estimate: number | undefined;
}

/** The share of the epochs after which λ stays: the learning rate is too small for it to matter. */
const steered = 0.9;

/** λ may be moved by a factor `reach` in this share of the epochs; while it rises it is only held back. */
const reach = 8;
const slowness = 0.4;

/** What the schedule of weights does without. */
const plain = { loss: 'softmax-cross-entropy', labelSmoothing: 0, weightDecay: 0, clipNorm: 0 } as const;

type Settings = z.output<typeof rate.settings>;

/** Narrower where that is asked, and every trained weight that is not yet rated made so. Throws `usage.nothing-to-train`. */
function begin({ model, states, statistics }: Compression, { step, biasStep, widths, normalized }: Settings): Compression {
  let narrow = withWeights(model, states, statistics);
  for (const { maker } of openGroups(model)) {
    const group = openGroups(narrow).find((g) => g.maker === maker)!;
    if (Object.hasOwn(widths, maker)) narrow = narrowed(narrow, group, widths[maker]!);
  }
  const known = new Map(
    parametersOf(narrow).flatMap(({ name, dims }): [string, RatedState][] => {
      const state = states.get(name);
      return state?.kind === 'rated' && state.dims.join() === dims.join() ? [[name, { ...state, settled: false }]] : [];
    }),
  );
  const units =
    normalized && known.size === 0 ? inUnits(narrow, normalized.step) : { model: narrow, states: new Map<string, RatedState>() };
  const rated = parametersOf(units.model)
    .filter((p) => isWeight(p) || p.role === 'bias')
    .map(({ name, dims, role }): [string, WeightState] => {
      const state = known.get(name) ?? units.states.get(name);
      if (state) return [name, state];
      const values = units.model.graph.initializers.get(name)!.data as Float32Array;
      return [name, ratedFrom(dims, values, role === 'bias' ? biasStep : firstStep(values, step))];
    });
  if (rated.length === 0)
    throw new PithError('usage.nothing-to-train', { expected: 'a model with float32 weights or biases', got: 'none' });
  return { model: units.model, states: new Map(rated), statistics: new Map() };
}

function lossOf(weights: readonly Parameter[], { teacher, temperature }: { teacher: number; temperature: number }): Loss {
  const task = distillation({ share: teacher, temperature });
  return {
    name: 'distillation and rate',
    build: (op, output, target, context) => op.Add(task.build(op, output, target, context), rateTerm(op, weights, context)),
  };
}
