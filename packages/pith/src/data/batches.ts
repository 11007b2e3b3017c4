/**
 * Batches of a split. Everything about a batch follows from (seed, epoch, step) alone: the order of the epoch is one shuffle, and each
 * image has its own stream of chance, so training can go on at any step and a worker makes the same batch as this thread.
 */
import { PithError } from '../base/errors.js';
import { checkKeys } from '../base/options.js';
import { Random } from '../base/random.js';
import { type Augmenter, type AugmentSpec, augmenter, parseAugment } from './augment/augment.js';
import { pixelsOf, type Split } from './dataset.js';
import { affineOf, batchDims, type Preprocess, preprocessFor } from './preprocess.js';
import { SampleRandom } from './sample-random.js';

export interface BatchOptions {
  readonly split: Split;
  /** Images of a batch; the last of an epoch may have fewer. */
  readonly batch: number;
  /** Default 0. */
  readonly seed?: number;
  /** A new order for each epoch; default true. Otherwise as the split has them. */
  readonly shuffle?: boolean;
  readonly augment?: AugmentSpec | string;
  /** Default: bytes to 0 … 1, floats as they are. */
  readonly preprocess?: Preprocess;
  /** Leave out a last batch that is not full; default false. */
  readonly dropLast?: boolean;
}

export interface StreamOptions extends BatchOptions {
  /** Where to begin; default epoch 0, step 0. */
  readonly epoch?: number;
  readonly step?: number;
  /** Epochs up to this one, itself not included; default: only the first one. */
  readonly until?: number;
}

export interface Batch {
  readonly epoch: number;
  readonly step: number;
  readonly count: number;
  /** [count, C, H, W] or [count, C·H·W]. */
  readonly dims: readonly number[];
  /** Valid until the next batch is asked for; then the same memory is used again. */
  readonly images: Float32Array;
  /** [count]; as `images`. */
  readonly labels: Int32Array;
  /** [count, classes], what a teacher makes of the images; where somebody put it there. */
  readonly teacher?: Float32Array;
}

const batchKeys = { split: 1, batch: 1, seed: 1, shuffle: 1, augment: 1, preprocess: 1, dropLast: 1 } as const;
const streamKeys = { ...batchKeys, epoch: 1, step: 1, until: 1 } as const;

/** Makes the batch of any epoch and step. Throws `usage.option`, `usage.batch`, `usage.augment`, `input.preprocess`. */
export class BatchMaker {
  /** Batches of an epoch. */
  readonly steps: number;
  readonly preprocess: Preprocess;
  private readonly split: Split;
  private readonly batch: number;
  private readonly seed: number;
  private readonly shuffle: boolean;
  private readonly augment: Augmenter | undefined;
  private readonly gain: Float64Array;
  private readonly offset: Float64Array;
  /** For bytes: the number that each of the 256 values becomes, one table for each channel. */
  private readonly tables: readonly Float32Array[];
  private readonly random = new SampleRandom();
  private order: { readonly epoch: number; readonly list: Uint32Array } | undefined;

  constructor(options: BatchOptions) {
    checkKeys('batches', options, batchKeys);
    const { split, batch, seed = 0, shuffle = true, augment, preprocess = preprocessFor(split), dropLast = false } = options;
    if (!Number.isInteger(batch) || batch < 1 || batch > split.count)
      throw new PithError('usage.batch', {
        at: { option: 'batch' },
        expected: `a whole number in 1 … ${split.count}, the number of images`,
        got: String(batch),
        fix: 'choose a smaller batch',
      });
    const { gain, offset } = affineOf(preprocess, split);
    this.split = split;
    this.batch = batch;
    this.seed = seed;
    this.shuffle = shuffle;
    this.preprocess = preprocess;
    this.steps = dropLast ? Math.floor(split.count / batch) : Math.ceil(split.count / batch);
    this.augment = augment === undefined ? undefined : augmenter(parseAugment(augment), split);
    this.gain = gain;
    this.offset = offset;
    this.tables = Array.from(gain, (g, c) => Float32Array.from({ length: 256 }, (_, value) => value * g + offset[c]!));
  }

  /** Images of the batch at `step`. */
  countAt(step: number): number {
    return Math.min(this.batch, this.split.count - step * this.batch);
  }

  /** Fills `images` and `labels`, which hold at least a full batch, and returns the batch as views of them. Throws `usage.batch`. */
  make(epoch: number, step: number, images: Float32Array, labels: Int32Array): Batch {
    if (!Number.isInteger(step) || step < 0 || step >= this.steps || !Number.isInteger(epoch) || epoch < 0)
      throw new PithError('usage.batch', {
        expected: `an epoch from 0 and a step in 0 … ${this.steps - 1}`,
        got: `epoch ${epoch}, step ${step}`,
      });
    const { split } = this;
    const pixels = pixelsOf(split);
    const count = this.countAt(step);
    const order = this.orderOf(epoch);
    for (let i = 0; i < count; i++) {
      const index = order ? order[step * this.batch + i]! : step * this.batch + i;
      labels[i] = split.labels[index]!;
      const changed = this.augment?.(split.images, index * pixels, this.random.seed(this.seed, epoch, index));
      if (changed) this.place(changed, 0, images, i * pixels);
      else if (split.images instanceof Uint8Array) this.placeBytes(split.images, index * pixels, images, i * pixels);
      else this.place(split.images, index * pixels, images, i * pixels);
    }
    return {
      epoch,
      step,
      count,
      dims: batchDims(this.preprocess, split, count),
      images: images.subarray(0, count * pixels),
      labels: labels.subarray(0, count),
    };
  }

  private orderOf(epoch: number): Uint32Array | undefined {
    if (!this.shuffle) return undefined;
    if (this.order?.epoch !== epoch) {
      const list = Uint32Array.from({ length: this.split.count }, (_, i) => i);
      this.order = { epoch, list: Random.of(this.seed, 'shuffle', epoch).shuffle(list) };
    }
    return this.order.list;
  }

  private place(from: Float32Array, at: number, to: Float32Array, out: number): void {
    const area = this.split.height * this.split.width;
    for (let c = 0; c < this.split.channels; c++) {
      const gain = this.gain[c]!;
      const offset = this.offset[c]!;
      for (let i = c * area; i < (c + 1) * area; i++) to[out + i] = from[at + i]! * gain + offset;
    }
  }

  private placeBytes(from: Uint8Array, at: number, to: Float32Array, out: number): void {
    const area = this.split.height * this.split.width;
    for (let c = 0; c < this.split.channels; c++) {
      const table = this.tables[c]!;
      for (let i = c * area; i < (c + 1) * area; i++) to[out + i] = table[from[at + i]!]!;
    }
  }
}

/** The places that a stream visits, in order. Throws `usage.batch` where it cannot begin there; the end of an epoch is a beginning. */
export function* placesOf(
  steps: number,
  { epoch = 0, step = 0, until = epoch + 1 }: Pick<StreamOptions, 'epoch' | 'step' | 'until'>,
): Generator<{ readonly epoch: number; readonly step: number }> {
  if (![epoch, step, until].every((n) => Number.isSafeInteger(n) && n >= 0) || step > steps)
    throw new PithError('usage.batch', {
      expected: `whole epochs from 0 and a step in 0 … ${steps}`,
      got: `epoch ${epoch}, step ${step}, until epoch ${until}`,
    });
  for (let e = epoch; e < until; e++) for (let s = e === epoch ? step : 0; s < steps; s++) yield { epoch: e, step: s };
}

/** Splits the options of a stream into those of the maker and those of the walk. Throws `usage.option`. */
export function streamParts(options: StreamOptions): {
  readonly make: BatchOptions;
  readonly walk: Pick<StreamOptions, 'epoch' | 'step' | 'until'>;
} {
  checkKeys('batches', options, streamKeys);
  const { epoch = 0, step = 0, until = epoch + 1, ...make } = options;
  return { make, walk: { epoch, step, until } };
}

/** The batches of one or more epochs, made in this thread when they are asked for. Throws as `BatchMaker` does, at the first batch. */
export function* batches(options: StreamOptions): Generator<Batch, void, undefined> {
  const { make, walk } = streamParts(options);
  const maker = new BatchMaker(make);
  const images = new Float32Array(make.batch * pixelsOf(make.split));
  const labels = new Int32Array(make.batch);
  for (const { epoch, step } of placesOf(maker.steps, walk)) yield maker.make(epoch, step, images, labels);
}
