/** `pith train`: a network of the zoo from fresh weights, or a model further, on labelled images. */
import type { TrainResult } from '../../library/runs.js';
import type { TrainPlan } from '../../library/training.js';
import { formatPercent, formatSeconds } from '../../report/format.js';
import type { Answer, CommandSpec, Terminal } from '../command.js';
import { realNumber, wholeNumber, withData, withRun } from '../options.js';
import { refuseOverwrite } from '../paths.js';
import { type RunFlags, runOptions } from '../run-flags.js';

interface Flags extends RunFlags {
  readonly epochs?: number;
  readonly batch?: number;
  readonly rate?: number;
  readonly augment?: string | true;
}

export const trainCommand: CommandSpec = {
  name: 'train',
  summary: 'train a network (see `pith zoo`), or an ONNX model further',
  help: `A name such as lenet-5 makes a network with fresh weights for these images and classes; a file is trained further.

  pith train lenet-5 --data digits/ -o lenet-5.onnx
  pith train model.onnx --data digits/ --epochs 2 --rate 0.001 --augment -o better.onnx`,
  words: (c) =>
    withRun(
      withData(c.argument('<network>', 'a network of the zoo, or an ONNX file'))
        .requiredOption('-o, --output <file>', 'the ONNX file to write')
        .option('--epochs <n>', 'passes over the training images', wholeNumber(1, 100_000))
        .option('--batch <n>', 'images in a step', wholeNumber(1, 65_536))
        .option('--rate <x>', 'base learning rate', realNumber({ above: 0 }))
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
    const run = runOptions(flags, terminal);
    const { train } = await import('../../library/runs.js');
    const result = await train({
      model: network!,
      ...run,
      plan,
    });
    return trainAnswer(result, flags, terminal);
  },
};

interface Trained {
  readonly output: string | undefined;
  readonly data: string | undefined;
}

export function trainAnswer(result: TrainResult, { output, data = 'DIR' }: Trained, { line }: Pick<Terminal, 'line'>): Answer {
  const { error, loss, seconds } = result;
  const lines = [
    `top-1 error ${formatPercent(error.before)} → ${formatPercent(error.after)} on the test images, ${formatSeconds(seconds)}`,
    ...(output === undefined
      ? []
      : [`wrote ${output}`, '', `next: ${line('compress', output, '--data', data, '-o', `${output.replace(/\.onnx$/, '')}.pith`)}`]),
  ];
  return { text: lines.join('\n'), json: { output, error, loss, seconds } };
}
