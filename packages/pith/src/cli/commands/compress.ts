/** `pith compress`: a trained model made small with retraining on the task. */

import { exitCodes } from '../../base/errors.js';
import { sizeOf } from '../../base/tensor.js';
import { openModel } from '../../library/model-source.js';
import { type CompressResult, compress } from '../../library/runs.js';
import { recipes } from '../../recipe/recipes/list.js';
import { renderText } from '../../report/text.js';
import { parametersOf } from '../../train/parameters.js';
import type { CommandSpec } from '../command.js';
import { dataOptions, preprocessOptions, realNumber, wholeNumber, withData, withRun } from '../options.js';
import { refuseOverwrite } from '../paths.js';
import { recipeFrom } from '../recipe-file.js';
import { runProgress } from '../run-progress.js';
import { parseSize } from '../size.js';

interface Flags {
  readonly data: string;
  readonly output: string;
  readonly recipe: string;
  readonly density?: number;
  readonly epochs?: number;
  readonly maxDrop?: number;
  readonly maxSize?: string;
  readonly seed: number;
  readonly run?: string;
  readonly threads: number;
  readonly workers: number;
}

export const compressCommand: CommandSpec = {
  name: 'compress',
  summary: 'make a trained model small: prune, share, code, with retraining',
  words: (c) =>
    withRun(
      withData(c.argument('<model>', 'an ONNX file'))
        .requiredOption('-o, --output <file>', 'the .pith file to write')
        .option('--recipe <name|file>', `${recipes.map((r) => r.name).join(', ')}, or a JSON file of steps`, 'deep-compression')
        .option('--density <share>', 'share of the weights to keep, instead of a target', realNumber(0, 1))
        .option('--epochs <n>', 'epochs of retraining in a round (default: by the size of the network)', wholeNumber(1, 100_000))
        .option('--max-drop <points>', 'largest rise of the top-1 error on the test images, in percentage points', realNumber(-1, 100))
        .option('--max-size <size>', 'largest file: 44kB, 2200 (bytes), or 40x (of the original)'),
    ),
  async action([model], given, terminal) {
    const flags = given as unknown as Flags;
    await refuseOverwrite(flags.output, model!);
    if (flags.maxSize !== undefined) parseSize(flags.maxSize, 1); // a slip of the pen is noticed before a model is read
    const recipe = await recipeFrom(flags.recipe);
    const opened = await openModel(model!);
    const original = 4 * parametersOf(opened.model).reduce((sum, p) => sum + (p.role === 'statistic' ? 0 : sizeOf(p.dims)), 0);
    const { density, epochs, maxDrop } = flags;
    const result = await compress({
      model: model!,
      data: flags.data,
      dataOptions: dataOptions(given),
      preprocess: preprocessOptions(given),
      recipe,
      ...(density !== undefined && { density }),
      ...(epochs !== undefined && { epochs }),
      ...(maxDrop !== undefined && { maxDrop }),
      ...(flags.maxSize !== undefined && { maxSize: parseSize(flags.maxSize, original) }),
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
    return compressAnswer(result, flags.output);
  },
};

export function compressAnswer(result: CompressResult, output: string) {
  const { report, met, reportFile } = result;
  const lines = [
    renderText(report),
    '',
    `wrote  ${output}`,
    ...(reportFile === undefined ? [] : [`report ${reportFile}`]),
    '',
    `next: pith inspect ${output}`,
    `      pith decode ${output} -o ${output.replace(/\.pith$/, '')}.decoded.onnx`,
  ];
  return { text: lines.join('\n'), json: { output, met, report, reportFile }, exitCode: met ? 0 : exitCodes.target };
}
