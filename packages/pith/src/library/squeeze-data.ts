/** What a squeeze looks at: the user's unlabelled inputs, labelled images, or inputs that are made. */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { distilledSamples } from '../calibrate/distill.js';
import { noiseSamples } from '../calibrate/noise.js';
import type { Samples } from '../calibrate/samples.js';
import { costIfKnown } from '../cost/cost.js';
import { BatchMaker } from '../data/batches.js';
import { pixelsOf, type Split } from '../data/dataset.js';
import { defaultPreprocess, type Preprocess, parsePreprocess } from '../data/preprocess.js';
import { nodeHost } from '../engine/node-host.js';
import { effortFor } from '../squeeze/afford.js';
import type { Effort } from '../squeeze/effort.js';
import { type Evaluation, evaluate } from '../train/evaluate.js';
import { checkFits, openData, preprocessOf } from './data-source.js';
import { samplesFrom } from './samples-from.js';
import type { SqueezeSettings } from './squeeze-options.js';

export interface SqueezeData {
  /** What the solvers look at the model with. */
  readonly samples: Samples;
  /** On which original and decoded file are compared: others than the solvers look at, where there are enough. */
  readonly measured: Samples;
  /** Judges a model by labelled images, where there are some. */
  readonly judge?: (model: Model) => Promise<Evaluation>;
}

type Wanted = 'calibrate' | 'data' | 'dataOptions' | 'preprocess' | 'signal';
export type SampleSettings = Pick<SqueezeSettings, 'effort' | 'seed' | 'threads' | 'onProgress'> & {
  readonly [K in Wanted]?: SqueezeSettings[K] | undefined;
};

/** Throws what opening the data throws, `unsupported.inputs` and `input.image-size` for labelled images that do not fit the model. */
export async function openSamples(model: Model, settings: SampleSettings): Promise<SqueezeData> {
  const { calibrate, data: source, dataOptions, seed, threads, signal } = settings;
  const effort = effortFor(settings.effort, model);
  const most = withMeasured(Math.max(effort.most, leastMade));
  if (source !== undefined) {
    const { data } = await openData(source, { ...dataOptions, ...(signal && { signal }) });
    const preprocess = preprocessOf(model, data, settings.preprocess);
    checkFits(model, data, preprocess);
    const { engine } = nodeHost({ threads });
    const judge = (judged: Model): Promise<Evaluation> =>
      evaluate({ engine, model: judged, split: data.test, preprocess, threads, signal });
    const samples = imageSamples(model, data.train, { preprocess, seed, most });
    return { ...apart(model, samples, effort), judge };
  }
  const samples =
    typeof calibrate === 'string'
      ? await samplesFrom({
          path: calibrate,
          model,
          preprocess: parsePreprocess(model.metadata, { ...defaultPreprocess, ...settings.preprocess }),
          most,
          seed,
          signal,
        })
      : (calibrate ?? (await madeSamples(model, effort, settings)));
  return apart(model, samples, effort);
}

/** Made to match the batch norms where the effort has them made and the model has some, else noise. */
async function madeSamples(model: Model, effort: Effort, { seed, threads, signal, onProgress }: SampleSettings): Promise<Samples> {
  const noise = (): Samples => noiseSamples({ model, count: withMeasured(Math.max(effort.samples, leastMade)), seed });
  const distills = effort.distilled > 0 && model.graph.nodes.some(({ op, domain }) => op === 'BatchNormalization' && domain === '');
  if (!distills) return noise();
  const count = withMeasured(effort.distilled);
  const { engine } = nodeHost({ threads });
  const progress = (done: number, total: number): void => onProgress({ phase: 'making inputs', done, total, round: 0 });
  try {
    return await distilledSamples({ engine, threads, model, count, seed, signal, onProgress: progress });
  } catch (error) {
    if (error instanceof PithError && error.kind === 'unsupported') return noise();
    throw error;
  }
}

/** So many are needed to measure anything. */
const leastMade = 64;

/** A comparison takes seconds, not minutes: multiply-adds for each of the two models. */
const multiplyAddsOfComparison = 4e11;
const mostMeasured = 256;
const leastMeasured = 8;
/** Where nobody knows what a sample costs. */
const usualMeasured = 32;

/** One in so many is kept from the solvers: what they have fitted themselves to would flatter them. */
const oneInApart = 8;
const leastApart = 8;

/** So many with those that are kept apart. */
const withMeasured = (count: number): number => Math.ceil((count * oneInApart) / (oneInApart - 1));

/** The last inputs apart from the others, which are as many as the effort can look at; of a few, all for both. */
function apart(model: Model, samples: Samples, { look, samples: made, most }: Effort): SqueezeData {
  const held = Math.floor(samples.count / oneInApart);
  if (look === 'none' || held < leastApart) return { samples, measured: measuredOf(model, samples) };
  const others = samples.count - held;
  const seen = Math.min(others, samples.origin === 'given' ? most : made);
  const part = (count: number, from: number): Samples => ({ ...samples, count, feeds: (start, n) => samples.feeds(from + start, n) });
  return { samples: part(seen, 0), measured: measuredOf(model, part(held, others)) };
}

function measuredOf(model: Model, samples: Samples): Samples {
  const cost = costIfKnown(model)?.totals.multiplyAdds;
  const affordable = cost === undefined ? usualMeasured : Math.floor(multiplyAddsOfComparison / Math.max(1, cost));
  const count = Math.min(samples.count, mostMeasured, Math.max(leastMeasured, affordable));
  return { ...samples, count, feeds: (start, n) => samples.feeds(start, n) };
}

interface ImageOptions {
  readonly preprocess: Preprocess;
  readonly seed: number;
  readonly most: number;
}

/** Some images of a split, drawn once. */
function imageSamples(model: Model, split: Split, { preprocess, seed, most }: ImageOptions): Samples {
  const count = Math.min(split.count, most);
  const images = new Float32Array(count * pixelsOf(split));
  const { dims } = new BatchMaker({ split, batch: count, seed, preprocess }).make(0, 0, images, new Int32Array(count));
  const each = images.length / count;
  const name = model.graph.inputs.find((input) => !model.graph.initializers.has(input.name))!.name;
  return {
    count,
    origin: 'given',
    feeds: (start, n) => {
      const data = images.slice(start * each, (start + n) * each);
      return new Map([[name, { dtype: 'float32', dims: [n, ...dims.slice(1)], data }]]);
    },
  };
}
