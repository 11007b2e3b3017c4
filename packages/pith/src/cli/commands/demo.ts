/** `pith demo`, which is `npm start`: LeNet-5 trained, compressed, decoded, verified and run, on digits that pith draws itself. */
import { join } from 'node:path';
import { makeFolder } from '../../base/files.js';
import { formatPercent } from '../../report/format.js';
import { renderText } from '../../report/text.js';
import { networkOf } from '../../zoo/list.js';
import type { CommandSpec } from '../command.js';
import { wholeNumber } from '../options.js';
import { runProgress } from '../run-progress.js';

interface Flags {
  readonly data?: string;
  readonly network: string;
  readonly out: string;
  readonly seed: number;
}

export const demoCommand: CommandSpec = {
  name: 'demo',
  summary: 'train and compress LeNet-5 on digits that pith draws itself (two minutes)',
  help: `Writes the trained model, the .pith file and the report into a folder. On the real MNIST:

  pith demo --data MNIST_FOLDER`,
  words: (c) =>
    c
      .option('--data <dir>', 'real images instead, such as the MNIST files')
      .option('--network <name>', 'a network of the zoo', 'lenet-5')
      .option('--out <dir>', 'folder for what is written', 'pith-demo')
      .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber(0, 2 ** 32 - 1), 7),
  async action(_, given, terminal) {
    const { data: folder, network, out, seed } = given as unknown as Flags;
    networkOf(network);
    await makeFolder(out);
    const [{ compress, train }, { evaluate }, { syntheticDigits }] = await Promise.all([
      import('../../library/runs.js'),
      import('../../library/evaluate.js'),
      import('../../data/synthetic.js'),
    ]);
    const data = folder ?? syntheticDigits({ seed });
    const reference = join(out, `${network}.onnx`);
    const file = join(out, `${network}.pith`);
    const common = { data, seed, signal: terminal.signal, command: terminal.typed, onRun: terminal.onRun };
    terminal.note(`training ${network} on ${folder ?? 'synthetic digits'}`);
    const trained = await train({
      ...common,
      model: network,
      output: reference,
      run: { beside: reference },
      onProgress: runProgress(terminal),
    });
    terminal.note(`trained: top-1 error ${formatPercent(trained.error.after)}; compressing`);
    const result = await compress({ ...common, model: reference, output: file, run: { beside: file }, onProgress: runProgress(terminal) });
    terminal.show('running the .pith file as it is', 0);
    const asItIs = await evaluate({
      model: file,
      data,
      engine: 'pith',
      signal: terminal.signal,
      onProgress: (n, of) => terminal.show('running the .pith file as it is', n / of),
    });
    const lines = [
      renderText(result.report),
      '',
      `The file as it is, run by pith-runtime without unpacking: top-1 error ${formatPercent(asItIs.error)}.`,
      '',
      `the file    ${file}`,
      `the report  ${result.reportFile}`,
      '',
      `next: the same on real digits:   ${terminal.line('demo', '--data', 'MNIST_DIR')}`,
      `      what is in the file:       ${terminal.line('inspect', file)}`,
      `      back to plain ONNX:        ${terminal.line('decode', file, '-o', join(out, `${network}.decoded.onnx`))}`,
      `      your own model:            ${terminal.line('compress', 'model.onnx', '--data', 'DIR', '-o', 'model.pith')}`,
    ];
    return {
      text: lines.join('\n'),
      json: { file, reference, report: result.report, reportFile: result.reportFile, runtimeError: asItIs.error },
    };
  },
};
