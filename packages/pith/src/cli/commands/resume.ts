/** `pith resume`: goes on with a run that was cut off; the result is the same as that of an unbroken one. */
import type { CommandSpec } from '../command.js';
import { compareProgress } from '../compare-progress.js';
import { runProgress } from '../run-progress.js';
import { compareAnswer } from './compare.js';
import { compressAnswer } from './compress.js';
import { trainAnswer } from './train.js';

export const resumeCommand: CommandSpec = {
  name: 'resume',
  summary: 'go on with a run that was cut off',
  help: `The run folder is the one named by --run, or the one beside the output (model.pith.run). Settings and data are those of the run.

  pith resume model.pith.run`,
  words: (c) => c.argument('<run>', 'a run folder'),
  async action([run], _, terminal) {
    const { resumeCompare } = await import('../../library/compare/compare.js');
    const compared = await resumeCompare(run!, {
      signal: terminal.signal,
      onRun: terminal.onRun,
      onProgress: compareProgress(terminal),
    });
    if (compared) return compareAnswer(compared);
    const { resume } = await import('../../library/runs.js');
    const onProgress = runProgress(terminal);
    const { job, ...done } = await resume(run!, { signal: terminal.signal, onProgress, onRun: terminal.onRun });
    if (done.kind === 'compress') return compressAnswer(done.result, job.output, terminal);
    return trainAnswer(done.result, { output: job.output, data: job.data.path }, terminal);
  },
};
