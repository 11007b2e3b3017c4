/** `pith eval`: top-1 error, loss and time of an ONNX or .pith file. */

import { Option } from 'commander';
import { evaluate } from '../../library/evaluate.js';
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
  words: (c) =>
    withData(c.argument('<file>', 'an ONNX or .pith file'))
      .addOption(new Option('--engine <name>', 'what runs the network').choices(['onnxruntime', 'pith']).default('onnxruntime'))
      .option('--threads <n>', 'threads; 0: one for each core', wholeNumber(0, 1024), 0),
  async action([file], given, { show, signal }) {
    const { data, engine, threads } = given as unknown as Flags;
    const result = await evaluate({
      model: file!,
      data,
      dataOptions: dataOptions(given),
      preprocess: preprocessOptions(given),
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
