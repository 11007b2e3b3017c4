/** `pith verify`: whether a squeezed file still is the model that it was made of. */
import { exitCodes } from '../../base/errors.js';
import type { Verification, VerifyOptions } from '../../library/verify.js';
import { printable } from '../../report/format.js';
import { layersText, outputsText } from '../../report/squeeze-text.js';
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';
import { type DataFlags, preprocessOptions, realNumber, wholeNumber, withPixels } from '../options.js';

interface Flags extends DataFlags {
  readonly minFidelity?: number;
  readonly lossless?: true;
  readonly calibrate?: string;
  readonly perLayer?: true;
  readonly seed: number;
  readonly threads: number;
}

export const verifyCommand: CommandSpec = {
  name: 'verify',
  summary: 'check a squeezed file against its original: checksums, interface, outputs side by side',
  help: `Ends with 0 where all is well, 3 for a file that is damaged or another model, 4 where its outputs are not as near as asked for.

  pith verify model.onnx model.pith
  pith verify model.onnx model.pith --min-fidelity 0.999 --calibrate images/`,
  words: (c) =>
    withPixels(
      c
        .argument('<model>', 'the original')
        .argument('<file>', 'what was made of it: a .pith file, or ONNX')
        .option('--min-fidelity <cosine>', 'least cosine of each output (default: 0.9)', realNumber({ above: 0, most: 1 }))
        .option('--lossless', 'demand that every bit of every tensor is the same; nothing is run')
        .option('--calibrate <dir>', 'inputs of your own, unlabelled: images, or npy files that each hold a batch')
        .option('--per-layer', "measure how near each layer's output is")
        .option('--seed <n>', 'of the inputs that are generated', wholeNumber(0, 2 ** 32 - 1), 7)
        .option('--threads <n>', 'threads; 0: one for each core', wholeNumber(0, 1024), 0),
    ),
  async action([model, file], given, { show, signal }) {
    const flags = given as unknown as Flags;
    const { minFidelity, lossless, calibrate, perLayer, seed, threads } = flags;
    const options: VerifyOptions = {
      model: model!,
      file: file!,
      seed,
      threads,
      preprocess: preprocessOptions(flags),
      ...(minFidelity !== undefined && { minFidelity }),
      ...(lossless && { lossless }),
      ...(calibrate !== undefined && { calibrate }),
      ...(perLayer && { perLayer }),
      signal,
      onProgress: (done, total) => show('measuring', done / total),
    };
    show('reading both files');
    const { verify } = await import('../../library/verify.js');
    const found = await verify(options);
    return { text: verificationText(found), json: { model, file, ...found }, exitCode: exitCodeOf(found) };
  },
};

function exitCodeOf({ ok, checks }: Verification): number {
  if (ok) return 0;
  return checks.every((check) => check.ok || check.name === 'fidelity') ? exitCodes.target : exitCodes.input;
}

function verificationText({ ok, checks, fidelity }: Verification): string {
  const table = textTable({
    columns: [
      { title: 'check', align: 'left' },
      { title: '', align: 'left' },
      { title: 'found', align: 'left' },
    ],
    rows: checks.map(({ name, ok: holds, found }) => [name, holds ? 'ok' : 'WRONG', printable(found)]),
  });
  const parts = [table, ...(fidelity ? [outputsText(fidelity), layersText(fidelity)] : []), ok ? 'verified' : 'NOT VERIFIED'];
  return parts.filter((part) => part !== '').join('\n\n');
}
