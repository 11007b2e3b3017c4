/** `pith squeeze`, and `pith model.onnx`: any ONNX model made small without labels and without retraining. */
import { Option } from 'commander';
import { type CoderChoice, coderChoices } from 'pith-runtime';
import { exitCodes } from '../../base/errors.js';
import { writeAtomic } from '../../base/files.js';
import type { SqueezeResult } from '../../library/squeeze.js';
import type { SqueezePlan } from '../../library/squeeze-plan.js';
import { squeezeOnThread, type ThreadOptions } from '../../library/squeeze-thread.js';
import { explainText, layersText, planText, squeezeText } from '../../report/squeeze-text.js';
import { mostEffort, usualEffort } from '../../squeeze/effort.js';
import type { Answer, CommandSpec, Terminal } from '../command.js';
import { type DataFlags, dataOptions, preprocessOptions, realNumber, wholeNumber, withOptionalData } from '../options.js';
import { jsonOf } from '../output.js';
import { parseSize } from '../size.js';
import { pipe, placesOf, type SqueezePlace, sourceOf } from '../squeeze-places.js';
import { squeezeProgress } from '../squeeze-progress.js';

interface Flags extends DataFlags {
  readonly output?: string;
  readonly effort: number;
  readonly maxSize?: string;
  readonly minFidelity?: number;
  readonly bitsPerWeight?: number;
  readonly maxDrop?: number;
  readonly lossless?: true;
  readonly calibrate?: string;
  readonly data?: string;
  readonly coder: CoderChoice;
  readonly seed: number;
  readonly threads: number;
  readonly explain?: true;
  readonly perLayer?: true;
  readonly dryRun?: true;
  readonly metafile?: string;
  readonly report?: string;
}

export const squeezeCommand: CommandSpec = {
  name: 'squeeze',
  summary: 'make any ONNX model small, without data and without retraining',
  help: `The decoded file is run beside the original and compared before it is written; one whose outputs are broken is an error. Without a
target the file is as small as a fidelity that hardly anybody notices lets it be. A target is searched for; one that cannot be reached ends
with exit code 4 and the best file kept. Without inputs of yours, some are generated.

  pith model.onnx
  pith squeeze model.onnx --min-fidelity 0.999 -o model.pith
  pith squeeze model.onnx --max-size 500kB --calibrate images/
  pith squeeze - < model.onnx > model.pith`,
  words: (c) =>
    withOptionalData(
      c
        .argument('<models...>', 'ONNX files; - for stdin')
        .option('-o, --output <file>', 'the .pith file to write (default: beside the model); a folder for several; - for stdout')
        .option(`--effort <0-${mostEffort}|max>`, 'from quick to smallest', effortLevel, usualEffort)
        .option('--max-size <size>', 'the best file of at most this size: 500kB, 2200 (bytes), or 10x (of the original)')
        .option(
          '--min-fidelity <cosine>',
          'the smallest file whose outputs are so near to the original',
          realNumber({ least: 0.9, most: 0.9999999 }),
        )
        .option(
          '--bits-per-weight <bits>',
          'a size by another name: of the whole file, for each weight',
          realNumber({ above: 0, most: 64 }),
        )
        .option('--lossless', 'keep every bit of every tensor')
        .option('--calibrate <dir>', 'inputs of your own, unlabelled: images, or npy files that each hold a batch'),
      'labelled images; the target may then be --max-drop',
    )
      .addOption(new Option('--coder <name>', 'what codes the tensors').choices(coderChoices).default('smallest'))
      .option('--max-drop <points>', 'largest rise of the top-1 error, in percentage points', realNumber({ least: 0, most: 100 }))
      .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber(0, 2 ** 32 - 1), 7)
      .option('--threads <n>', 'threads; 0: one for each core', wholeNumber(0, 1024), 0)
      .option('--explain', 'say of each tensor what became of it, and why')
      .option('--per-layer', "measure how near each layer's output is")
      .option('--dry-run', 'say what would be done, and what it would take')
      .option('--metafile <file>', 'write the report as JSON')
      .option('--report <file>', 'write the report as a page (one model)'),
  async action(models, given, terminal) {
    const flags = given as unknown as Flags;
    if (flags.maxSize !== undefined) parseSize(flags.maxSize, 2 ** 40); // a slip of the pen is noticed before a model is read
    if (flags.dryRun) return planned(models, flags);
    const places = await placesOf(models, { output: flags.output, json: given['json'] === true, others: [flags.metafile, flags.report] });
    const done: Done[] = [];
    for (const place of places) {
      if (places.length > 1) terminal.note(place.input);
      done.push(await squeezeOne(place, flags, terminal));
    }
    const results = done.map(({ input, output, result: { report, met } }) => ({ model: input, output, met, report }));
    if (flags.metafile !== undefined) await writeAtomic(flags.metafile, Buffer.from(jsonOf('squeeze', { results })));
    const [first] = done;
    if (flags.report !== undefined && first) {
      const { renderSqueeze } = await import('../../report/squeeze-html.js');
      await writeAtomic(flags.report, Buffer.from(renderSqueeze(first.result.report)));
    }
    return {
      text: done.map((one) => textOf(one, flags, terminal)).join('\n\n'),
      ...(first?.output === pipe && { bytes: first.result.bytes }),
      json: { results },
      exitCode: done.every(({ result }) => result.met) ? 0 : exitCodes.target,
    };
  },
};

interface Done extends SqueezePlace {
  readonly result: SqueezeResult;
}

/** Nothing is run, and nothing written. */
async function planned(models: readonly string[], { effort, lossless }: Flags): Promise<Answer> {
  const { planSqueeze } = await import('../../library/squeeze-plan.js');
  const plans: SqueezePlan[] = [];
  for (const input of models) {
    const { model } = await sourceOf(input);
    plans.push(await planSqueeze({ model, effort, ...(lossless && { lossless }) }));
  }
  return { text: plans.map(planText).join('\n\n'), json: { plans: plans.map((plan, i) => ({ model: models[i], ...plan })) } };
}

/** `max` is the highest there is. */
function effortLevel(text: string): number {
  return text === 'max' ? mostEffort : wholeNumber(0, mostEffort)(text);
}

async function squeezeOne({ input, output }: SqueezePlace, flags: Flags, terminal: Terminal): Promise<Done> {
  const { model, size } = await sourceOf(input);
  const { effort, coder, minFidelity, bitsPerWeight, maxDrop, lossless, calibrate, data, seed, threads, perLayer } = flags;
  const maxSize =
    flags.maxSize === undefined ? undefined : parseSize(flags.maxSize, flags.maxSize.endsWith('x') ? await size() : undefined);
  const searching = [maxSize, minFidelity, bitsPerWeight, maxDrop].some((target) => target !== undefined);
  const options: ThreadOptions = {
    model,
    effort,
    coder,
    seed,
    threads,
    ...(maxSize !== undefined && { maxSize }),
    ...(minFidelity !== undefined && { minFidelity }),
    ...(bitsPerWeight !== undefined && { bitsPerWeight }),
    ...(maxDrop !== undefined && { maxDrop }),
    ...(lossless && { lossless }),
    ...(perLayer && { perLayer }),
    ...(calibrate !== undefined && { calibrate }),
    ...(data !== undefined && { data, dataOptions: dataOptions(flags), preprocess: preprocessOptions(flags) }),
    ...(output !== pipe && { output }),
    command: terminal.typed,
    signal: terminal.signal,
    onProgress: squeezeProgress(terminal, searching),
  };
  return { input, output, result: await squeezeOnThread(options) };
}

function textOf(
  { input, output, result: { report, met } }: Done,
  { explain, perLayer, calibrate, data, report: page }: Flags,
  { line }: Terminal,
): string {
  const table = (text: string): string[] => (text === '' ? [] : [text, '']);
  const model = input === pipe ? 'model.onnx' : input;
  const file = output === pipe ? 'model.pith' : output;
  const ownInputs = calibrate === undefined && data === undefined && report.fidelity !== null;
  return [
    ...(explain ? table(explainText(report)) : []),
    ...(perLayer && report.fidelity ? table(layersText(report.fidelity)) : []),
    squeezeText(report),
    '',
    ...(met ? [] : ['The target was not met. This is the best result there was.', '']),
    ...(output === pipe ? [] : [`wrote  ${output}`]),
    ...(page === undefined ? [] : [`report ${page}`]),
    '',
    `next: ${line('verify', model, file)}`,
    `      ${line('decode', file, '-o', `${file.replace(/\.pith$/, '')}.decoded.onnx`)}`,
    ...(ownInputs ? [`      ${line('squeeze', model, '--calibrate', 'DIR')}   (smaller and truer, with inputs of your own)`] : []),
  ].join('\n');
}
