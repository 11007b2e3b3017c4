/** Options that several commands share, and the numbers in them: text from the command line to checked values. */
import { type Command, InvalidArgumentError } from 'commander';
import { PithError } from '../base/errors.js';
import { type Preprocess, parsePreprocess, parseSize } from '../data/preprocess.js';
import type { DataOptions } from '../library/data-source.js';

export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}.`);
    return value;
  };

interface Range {
  /** The number must be larger. */
  readonly above?: number;
  readonly least?: number;
  readonly most?: number;
}

export const realNumber =
  ({ above = Number.NEGATIVE_INFINITY, least = above, most = Number.POSITIVE_INFINITY }: Range) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value > above && value >= least && value <= most) return value;
    const from = least > above ? `from ${least}` : `above ${above}`;
    throw new InvalidArgumentError(`expected a number ${from}${Number.isFinite(most) ? `, at most ${most}` : ''}.`);
  };

/** Numbers with commas between them. */
export const listOf =
  (number: (text: string) => number) =>
  (text: string): number[] =>
    text.split(',').map((part) => number(part.trim()));

const dataSets = 'MNIST files, an image folder (train/<class>/*, test/<class>/*), CIFAR-10, npy pairs, or a tar of these';

/** `--data` and how its pixels become numbers. */
export const withData = (command: Command): Command => withPixels(command.requiredOption('--data <dir>', dataSets));

/** The same where a command can do without. `why`: what labelled images are good for. */
export const withOptionalData = (command: Command, why: string): Command =>
  withPixels(command.option('--data <dir>', `${why}: ${dataSets}`));

/** How the pixels of images become numbers. */
export const withPixels = (command: Command): Command =>
  command
    .option('--size <px>', 'bring all images to this size: 32 or 32x48 (height by width)')
    .option('--scale <x>', 'pixels are multiplied by this first (1/255 unless the model says otherwise)')
    .option('--mean <list>', 'then this is subtracted: one number, or one for each channel')
    .option('--std <list>', 'then divided by this')
    .option('--layout <chw|flat>', 'shape of an image that the network sees');

/** `--seed`, `--threads`, `--workers`, `--run`. */
export const withRun = (command: Command): Command =>
  command
    .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber(0, 2 ** 32 - 1), 7)
    .option('--run <dir>', 'folder for checkpoints, log and report (default: beside the output)')
    .option('--threads <n>', 'threads of a session; 0: one for each core', wholeNumber(0, 1024), 0)
    .option(
      '--workers <n>',
      'train in so many worker threads, each on a share of the batch; 0: one session (default: by the network)',
      wholeNumber(0, 64),
    );

export interface DataFlags {
  readonly size?: string;
  readonly scale?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly layout?: string;
}

export const dataOptions = ({ size }: DataFlags): DataOptions => (size === undefined ? {} : { size: asUsage(() => parseSize(size)) });

/** Only what was given, checked. Throws `usage.preprocess`. */
export function preprocessOptions(flags: DataFlags): Partial<Preprocess> {
  const keys = (['size', 'scale', 'mean', 'std', 'layout'] as const).filter((key) => flags[key] !== undefined);
  const parsed = asUsage(() => parsePreprocess(new Map(keys.map((key) => [`pith.${key}`, flags[key]!]))));
  return Object.fromEntries(keys.map((key) => [key, parsed[key]]));
}

/** What is wrong with a word that was typed is wrong usage, though the same word in a model's metadata is bad input. */
function asUsage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    const option = error.detail.at?.option;
    throw new PithError('usage.preprocess', { ...error.detail, ...(option !== undefined && { fix: `correct --${option}` }) });
  }
}
