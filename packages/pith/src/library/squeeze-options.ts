/** Options of `squeeze`: what can be asked for, what is taken where nothing is said, and what does not go together. */
import { type CoderChoice, coderChoices } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { checkKeys, checkOption, isBetween, isWhole } from '../base/options.js';
import type { Samples } from '../calibrate/samples.js';
import type { Dataset } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import type { SqueezeRound } from '../report/squeeze-report.js';
import { mostEffort, usualEffort } from '../squeeze/effort.js';
import type { DataOptions } from './data-source.js';
import type { ModelSource } from './model-source.js';

export interface SqueezeOptions {
  readonly model: ModelSource;
  /** 0 (quick) … 9 (smallest file); 5 unless said. */
  readonly effort?: number;
  /** Bytes of the whole file. */
  readonly maxSize?: number;
  /** Bits of the whole file for each weight: another way to name a size. */
  readonly bitsPerWeight?: number;
  /** Least cosine between original and decoded outputs, 0.9 … 1. */
  readonly minFidelity?: number;
  /** Largest rise of the top-1 error on labelled images, in percentage points. Needs `data`. */
  readonly maxDrop?: number;
  /** Every bit of every tensor is kept. */
  readonly lossless?: boolean;
  /** What codes the tensors; `smallest` unless said: for each section that which makes it smallest. */
  readonly coder?: CoderChoice;
  /** Unlabelled inputs: a folder of images or of npy files, each holding a batch for the first input; or samples in memory. */
  readonly calibrate?: string | Samples;
  /** Labelled images: the training part calibrates, the test part judges. */
  readonly data?: string | Dataset;
  readonly dataOptions?: DataOptions;
  readonly preprocess?: Partial<Preprocess>;
  /** Measures every layer's output too. */
  readonly perLayer?: boolean;
  /** 7 unless said. */
  readonly seed?: number;
  /** Threads of ONNX Runtime; 0, the default: one for each core. */
  readonly threads?: number;
  /** A path to write the file to. */
  readonly output?: string;
  /** Words that travel with the file: licence, author … */
  readonly metadata?: ReadonlyMap<string, string>;
  /** What the report says was typed. */
  readonly command?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SqueezeProgress) => void;
}

export type SqueezeProgress =
  | {
      readonly phase: 'reading' | 'making inputs' | 'preparing' | 'drafting' | 'quantizing' | 'coding' | 'measuring';
      readonly done: number;
      /** 0 where it is not known. */
      readonly total: number;
      /** Of a search, from 1; 0 before it begins. */
      readonly round: number;
    }
  /** A round of the search has ended. */
  | ({ readonly phase: 'round'; readonly round: number } & SqueezeRound);

const keys = {
  model: 1,
  effort: 1,
  maxSize: 1,
  bitsPerWeight: 1,
  minFidelity: 1,
  maxDrop: 1,
  lossless: 1,
  coder: 1,
  calibrate: 1,
  data: 1,
  dataOptions: 1,
  preprocess: 1,
  perLayer: 1,
  seed: 1,
  threads: 1,
  output: 1,
  metadata: 1,
  command: 1,
  signal: 1,
  onProgress: 1,
} as const;

/** With all that was left out filled in. */
export type SqueezeSettings = SqueezeOptions &
  Required<Pick<SqueezeOptions, 'effort' | 'lossless' | 'coder' | 'perLayer' | 'seed' | 'threads' | 'metadata' | 'command' | 'onProgress'>>;

/** Throws `usage.option` for an option that is unknown, out of range, or at odds with another. */
export function squeezeSettings(options: SqueezeOptions): SqueezeSettings {
  checkKeys('squeeze', options, keys);
  const settings: SqueezeSettings = {
    ...options,
    effort: options.effort ?? usualEffort,
    lossless: options.lossless ?? false,
    coder: options.coder ?? 'smallest',
    perLayer: options.perLayer ?? false,
    seed: options.seed ?? 7,
    threads: options.threads ?? 0,
    metadata: options.metadata ?? new Map(),
    command: options.command ?? '',
    onProgress: options.onProgress ?? (() => undefined),
  };
  const { effort, coder, maxSize, bitsPerWeight, minFidelity, maxDrop, calibrate, seed, threads } = settings;
  checkOption('effort', `a whole number from 0 to ${mostEffort}`, effort, isWhole(effort, 0, mostEffort));
  checkOption('coder', `one of ${coderChoices.join(', ')}`, coder, coderChoices.includes(coder));
  checkOption('seed', 'a whole number below 2^32', seed, isWhole(seed, 0, 2 ** 32 - 1));
  checkOption('threads', 'a whole number from 0', threads, isWhole(threads, 0, Number.MAX_SAFE_INTEGER));
  if (maxSize !== undefined) checkOption('maxSize', 'a whole number of bytes', maxSize, isWhole(maxSize, 1, Number.MAX_SAFE_INTEGER));
  if (bitsPerWeight !== undefined)
    checkOption('bitsPerWeight', 'a number above 0, at most 64', bitsPerWeight, isBetween(bitsPerWeight, Number.MIN_VALUE, 64));
  if (minFidelity !== undefined)
    checkOption('minFidelity', 'a cosine from 0.9, below 1', minFidelity, isBetween(minFidelity, 0.9, 1 - Number.EPSILON / 2));
  if (calibrate !== undefined)
    checkOption('calibrate', 'a path, or samples', calibrate, typeof calibrate === 'string' || typeof calibrate.feeds === 'function');
  if (maxDrop !== undefined) checkOption('maxDrop', 'percentage points from 0 to 100', maxDrop, isBetween(maxDrop, 0, 100));
  if (maxSize !== undefined && bitsPerWeight !== undefined) contradiction('bitsPerWeight', 'one size', 'maxSize too');
  if (maxDrop !== undefined && options.data === undefined)
    contradiction('maxDrop', 'labelled images, by which the error is known', 'none', 'name them with `data`');
  if (settings.lossless)
    for (const key of ['bitsPerWeight', 'minFidelity', 'maxDrop'] as const)
      if (settings[key] !== undefined) contradiction(key, 'no target beside lossless, which keeps every bit', key);
  if (options.calibrate !== undefined && options.data !== undefined)
    contradiction('calibrate', 'one source of samples', 'data too', 'the training part of `data` calibrates already: leave one out');
  return settings;
}

function contradiction(option: string, expected: string, got: string, fix = 'leave one out'): never {
  throw new PithError('usage.option', { at: { option }, expected, got, fix });
}
