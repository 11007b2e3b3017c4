/** `pith resume`: goes on with a run that was cut off; the result is the same as that of an unbroken one. */
import { resume } from '../../library/runs.js';
import type { CommandSpec } from '../command.js';
import { runProgress } from '../run-progress.js';
import { compressAnswer } from './compress.js';
import { trainJson, trainText } from './train.js';

export const resumeCommand: CommandSpec = {
  name: 'resume',
  summary: 'go on with a run that was cut off',
  words: (c) => c.argument('<run>', 'a run folder'),
  async action([run], _, terminal) {
    terminal.onRun(run!);
    const { job, ...done } = await resume(run!, { signal: terminal.signal, onProgress: runProgress(terminal) });
    const output = job.output ?? '(no output was named)';
    return done.kind === 'compress'
      ? compressAnswer(done.result, output)
      : { text: trainText(done.result, output), json: trainJson(done.result, output) };
  },
};
