/** `pith eval`: top-1 error, loss and time of an ONNX or .pith file. */
import { Option } from 'commander';
import { formatCount, formatPercent, formatSeconds } from '../../report/format.js';
import type { CommandSpec } from '../command.js';
import { dataOptions, preprocessOptions, wholeNumber, withData } from '../options.js';

interface Flags {
  readonly data: string;
  readonly engine: 'onnxruntime' | 'pith';
  readonly threads: number;
}

export const evalCommand: CommandSpec = {
  name: 'eval',
  summary: 'top-1 error, loss and time on labelled images',
  help: `Images of the test part are used. --engine pith runs a .pith file as it is, without unpacking it.

  pith eval model.pith --data digits/`,
  words: (c) =>
    withData(c.argument('<file>', 'an ONNX or .pith file'))
      .addOption(new Option('--engine <name>', 'what runs the network').choices(['onnxruntime', 'pith']).default('onnxruntime'))
      .option('--threads <n>', 'threads; 0: one for each core', wholeNumber(0, 1024), 0),
  async action([file], given, { show, signal }) {
    const { data, engine, threads } = given as unknown as Flags;
    const pixels = { dataOptions: dataOptions(given), preprocess: preprocessOptions(given) };
    show('reading model and data');
    const { evaluate } = await import('../../library/evaluate.js');
    const result = await evaluate({
      model: file!,
      data,
      ...pixels,
      engine,
      threads,
      signal,
      onProgress: (done, total) => show('evaluating', done / total),
    });
    const { error, loss, count, seconds } = result;
    const rate = `${formatCount(Math.round(count / seconds))} images/s`;
    return {
      text: `top-1 error ${formatPercent(error)}  loss ${loss.toFixed(4)}  ${formatCount(count)} images in ${formatSeconds(seconds)} (${rate}, ${engine})`,
      json: { file, engine, ...result },
    };
  },
};
