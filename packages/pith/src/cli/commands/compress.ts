/** `pith compress`: a trained model made small with retraining on the task. */

import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exitCodes } from '../../base/errors.js';
import { makeFolder } from '../../base/files.js';
import type { CompressResult } from '../../library/compress-job.js';
import { recipes } from '../../recipe/recipes/list.js';
import { renderText } from '../../report/text.js';
import type { Answer, CommandSpec, Terminal } from '../command.js';
import { listOf, realNumber, wholeNumber, withData, withRun } from '../options.js';
import { refuseOverwrite } from '../paths.js';
import { type RunFlags, runOptions } from '../run-flags.js';
import { parseSize } from '../size.js';

interface Flags extends RunFlags {
  readonly recipe: string;
  readonly density?: number;
  readonly rate?: number;
  readonly slim?: readonly number[];
  readonly augment?: string;
  readonly teacher?: readonly string[];
  readonly frontier?: readonly number[] | true;
  readonly epochs?: number;
  readonly maxDrop?: number;
  readonly maxSize?: string;
}

export const compressCommand: CommandSpec = {
  name: 'compress',
  summary: 'make a trained model small: prune, share, code, with retraining',
  help: `Without a target the recipe's own density is used. With --max-drop the file is made as small as the allowed drop lets it be; with
--max-size the density is lowered until the file fits; with both, both must hold. A target that cannot be reached ends with exit code 4 and
the best result kept. Ctrl-C leaves a checkpoint: pith resume RUN goes on, to the same bytes.

  pith compress model.onnx --data digits/ -o model.pith
  pith compress model.onnx --data digits/ --max-size 40x --max-drop 0.1 -o model.pith

The recipe rated trains a narrower network as integers against its loss and the bytes it takes: smaller files by far, for small networks.

  pith compress lenet-5.onnx --data mnist/ --recipe rated --max-size 2200 -o model.pith
  pith compress lenet-5.onnx --data mnist/ --recipe rated --frontier -o model.pith
  pith compress lenet-5.onnx --data mnist/ --recipe rated --teacher a.onnx b.onnx --max-size 2200 -o model.pith`,
  words: (c) =>
    withRun(
      withData(c.argument('<model>', 'an ONNX file'))
        .requiredOption('-o, --output <file>', 'the .pith file to write')
        .option('--recipe <name|file>', `${recipes.map((r) => r.name).join(', ')}, or a JSON file of steps`, 'deep-compression')
        .option('--density <share>', 'share of the weights to keep, instead of a target', realNumber({ above: 0, most: 1 }))
        .option('--rate <loss>', 'for rated: loss that a bit of the file is worth, instead of a target', realNumber({ least: 0 }))
        .option('--slim <units>', 'for rated: hidden units of each layer to begin with, such as 8,16,40', listOf(wholeNumber(1, 2 ** 24)))
        .option(
          '--frontier [list]',
          'for rated: the whole curve of bytes against error, each point a file (model.1.pith …); λ rising, such as 1e-6,4e-6,2e-5, or the usual ones',
          listOf(realNumber({ above: 0 })),
        )
        .option('--augment <spec>', 'for rated: change images at random; mild, usual, none, or a spec as train has it (default: mild)')
        .option('--teacher <files...>', 'for rated: models whose averaged answers teach (default: the model itself)')
        .option('--epochs <n>', 'epochs of retraining in a round (default: by the size of the network)', wholeNumber(1, 100_000))
        .option(
          '--max-drop <points>',
          'largest rise of the top-1 error on the test images, in percentage points',
          realNumber({ least: 0, most: 100 }),
        )
        .option('--max-size <size>', 'largest file: 44kB, 2200 (bytes), or 40x (of the original)'),
    ),
  async action([model], given, terminal) {
    const flags = given as unknown as Flags;
    const output = await outputOf(flags, model!);
    for (const path of [output, ...(await pointsOf(flags, output))]) await refuseOverwrite(path, model!, ...(flags.teacher ?? []));
    if (flags.maxSize !== undefined) parseSize(flags.maxSize, 2 ** 40); // a slip of the pen is noticed before a model is read
    const { recipeFrom } = await import('../recipe-file.js');
    const recipe = await recipeFrom(flags.recipe);
    const run = runOptions({ ...flags, output }, terminal);
    const maxSize = flags.maxSize === undefined ? undefined : parseSize(flags.maxSize, await originalBytes(model!));
    const { compress } = await import('../../library/runs.js');
    const { density, rate: lambda, slim, augment, teacher, frontier, epochs, maxDrop } = flags;
    const result = await compress({
      model: model!,
      ...run,
      recipe,
      ...(density !== undefined && { density }),
      ...(lambda !== undefined && { lambda }),
      ...(slim !== undefined && { slim }),
      ...(augment !== undefined && { augment }),
      ...(teacher !== undefined && { teacher }),
      ...(frontier !== undefined && { frontier }),
      ...(epochs !== undefined && { epochs }),
      ...(maxDrop !== undefined && { maxDrop }),
      ...(maxSize !== undefined && { maxSize }),
    });
    return compressAnswer(result, output, terminal);
  },
};

/** With --frontier, -o may name a folder: the files there are called after the model. */
async function outputOf({ output, frontier }: Flags, model: string): Promise<string> {
  if (frontier === undefined) return output;
  const folder =
    /[/\\]$/.test(output) ||
    (await stat(output).then(
      (there) => there.isDirectory(),
      () => false,
    ));
  if (folder) await makeFolder(output);
  return folder ? join(output, `${basename(model).replace(/\.(onnx|pith)$/, '')}.pith`) : output;
}

async function pointsOf({ frontier }: Flags, output: string): Promise<string[]> {
  if (frontier === undefined) return [];
  const [{ pointPath }, { lambdasOf }] = await Promise.all([
    import('../../library/frontier.js'),
    import('../../recipe/search/frontier.js'),
  ]);
  return lambdasOf(frontier).map((_, i) => pointPath(output, i));
}

/** What a ratio such as 40x refers to: 4 bytes for each parameter. */
async function originalBytes(file: string): Promise<number> {
  const [{ openModel }, { countParameters }] = await Promise.all([
    import('../../library/model-source.js'),
    import('../../train/parameters.js'),
  ]);
  return 4 * countParameters((await openModel(file)).model);
}

export function compressAnswer(result: CompressResult, output: string | undefined, { line }: Pick<Terminal, 'line'>): Answer {
  const { report, met, reportFile } = result;
  const missed = report.targets.filter((t) => !t.met).map((t) => `${t.name} ${t.got}, wanted ${t.wanted}`);
  const lines = [
    renderText(report),
    '',
    ...(met ? [] : [`The target was not met (${missed.join('; ')}). This is the best result there was.`, '']),
    ...(output === undefined ? [] : [`wrote  ${output}`]),
    ...(report.frontier ? [`points ${report.frontier.map(({ file }) => file ?? '').join(' ')}`] : []),
    ...(reportFile === undefined ? [] : [`report ${reportFile}`]),
    ...(output === undefined
      ? []
      : ['', `next: ${line('inspect', output)}`, `      ${line('decode', output, '-o', `${output.replace(/\.pith$/, '')}.decoded.onnx`)}`]),
  ];
  return { text: lines.join('\n'), json: { output, met, report, reportFile }, exitCode: met ? 0 : exitCodes.target };
}
