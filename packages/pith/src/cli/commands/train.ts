/** `pith train`: a network of the zoo from fresh weights, or a model further, on labelled images. */

import { type TrainResult, train } from '../../library/runs.js';
import type { TrainPlan } from '../../library/training.js';
import { formatPercent, formatSeconds } from '../../report/format.js';
import type { CommandSpec } from '../command.js';
import { dataOptions, preprocessOptions, realNumber, wholeNumber, withData, withRun } from '../options.js';
import { refuseOverwrite } from '../paths.js';
import { runProgress } from '../run-progress.js';

interface Flags {
  readonly data: string;
  readonly output: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly rate?: number;
  readonly augment?: string | true;
  readonly seed: number;
  readonly run?: string;
  readonly threads: number;
  readonly workers: number;
}

export const trainCommand: CommandSpec = {
  name: 'train',
  summary: 'train a network (see `pith zoo`), or an ONNX model further',
  words: (c) =>
    withRun(
      withData(c.argument('<network>', 'a network of the zoo, or an ONNX file'))
        .requiredOption('-o, --output <file>', 'the ONNX file to write')
        .option('--epochs <n>', 'passes over the training images', wholeNumber(1, 100_000))
        .option('--batch <n>', 'images in a step', wholeNumber(1, 65_536))
        .option('--rate <x>', 'base learning rate', realNumber(0))
        .option('--augment [spec]', 'change images at random; a spec such as affine:rotate=6,shift=0.8;clean=0.25, or none for the usual'),
    ),
  async action([network], given, terminal) {
    const flags = given as unknown as Flags;
    await refuseOverwrite(flags.output, network!);
    const augment = flags.augment === true ? 'usual' : flags.augment;
    const { epochs, batch, rate } = flags;
    const plan: TrainPlan = {
      ...(epochs !== undefined && { epochs }),
      ...(batch !== undefined && { batch }),
      ...(rate !== undefined && { rate }),
      ...(augment !== undefined && { augment }),
    };
    const result = await train({
      model: network!,
      data: flags.data,
      dataOptions: dataOptions(given),
      preprocess: preprocessOptions(given),
      plan,
      seed: flags.seed,
      run: flags.run ?? { beside: flags.output },
      output: flags.output,
      threads: flags.threads,
      workers: flags.workers,
      command: terminal.typed,
      signal: terminal.signal,
      onProgress: runProgress(terminal),
      onRun: terminal.onRun,
    });
    return { text: trainText(result, flags.output), json: trainJson(result, flags.output) };
  },
};

export const trainText = ({ error, seconds }: TrainResult, output: string): string =>
  [
    `top-1 error ${formatPercent(error.before)} → ${formatPercent(error.after)} on the test images, ${formatSeconds(seconds)}`,
    `wrote ${output}`,
    '',
    `next: pith compress ${output} --data DIR -o ${output.replace(/\.onnx$/, '')}.pith`,
  ].join('\n');

export const trainJson = ({ error, loss, seconds }: TrainResult, output: string) => ({ output, error, loss, seconds });
