/** `pith compare`: ways to make a network small side by side, at equal bytes and at equal error. */
import { dirname, join } from 'node:path';
import type { CompareResult } from '../../library/compare/compare.js';
import { compareText } from '../../report/compare-text.js';
import type { Answer, CommandSpec } from '../command.js';
import { compareProgress } from '../compare-progress.js';
import { type DataFlags, dataOptions, preprocessOptions, wholeNumber, withData } from '../options.js';

interface Flags extends DataFlags {
  readonly data: string;
  readonly output?: string;
  readonly methods?: readonly string[];
  readonly points: number;
  readonly epochs?: number;
  readonly effort: number;
  readonly seed: number;
  readonly threads: number;
  readonly workers?: number;
}

export const compareCommand: CommandSpec = {
  name: 'compare',
  summary: 'ways to make a network small side by side, at equal bytes and error',
  help: `Deep Compression and each of its parts alone, rounding after training, both together, and training against the bytes: every point is a
.pith file in the folder, with a report beside them. --epochs makes a short run; what was cut off goes on by the same words, or by pith resume.

  pith compare model.onnx --data digits/
  pith compare model.onnx --data digits/ --epochs 2 --points 3 --methods P+Q+H,squeeze,rated -o short/`,
  words: (c) =>
    withData(c.argument('<model>', 'an ONNX file'))
      .option('-o, --output <dir>', 'the folder to write (default: MODEL.compare beside the model)')
      .option('--methods <list>', 'names with commas between them (default: all)', (text: string) =>
        text.split(',').map((name) => name.trim()),
      )
      .option('--points <n>', 'points of each curve', wholeNumber(2, 32), 5)
      .option('--epochs <n>', 'epochs of retraining in a round (default: by the size of the network)', wholeNumber(1, 100_000))
      .option('--effort <0-9>', 'of rounding without labels', wholeNumber(0, 9), 2)
      .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber(0, 2 ** 32 - 1), 7)
      .option('--threads <n>', 'threads of a session; 0: one for each core', wholeNumber(0, 1024), 0)
      .option('--workers <n>', 'train in so many worker threads; 0: one session (default: by the network)', wholeNumber(0, 64)),
  async action([model], given, terminal) {
    const flags = given as unknown as Flags;
    const { data, points, epochs, effort, seed, threads, workers, methods } = flags;
    const { compare } = await import('../../library/compare/compare.js');
    const result = await compare({
      ...{ model: model!, data, dataOptions: dataOptions(flags), preprocess: preprocessOptions(flags), points, effort, seed, threads },
      output: flags.output ?? `${model!.replace(/\.(onnx|pith)$/, '')}.compare`,
      ...(methods !== undefined && { methods }),
      ...(epochs !== undefined && { epochs }),
      ...(workers !== undefined && { workers }),
      ...{ command: terminal.typed, signal: terminal.signal, onRun: terminal.onRun, onProgress: compareProgress(terminal) },
    });
    return compareAnswer(result);
  },
};

export const compareAnswer = ({ report, reportFile }: CompareResult): Answer => ({
  text: `${compareText(report)}\n\npoints ${join(dirname(reportFile), 'points')}\nreport ${reportFile}`,
  json: { report, reportFile },
});
