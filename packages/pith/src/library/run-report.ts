/** The report of a finished run, from its folder. Node only. */
import { PithError } from '../base/errors.js';
import { writeAtomic } from '../base/files.js';
import { renderReport } from '../report/html.js';
import type { Report } from '../report/report.js';
import { RunFolder } from '../train/run-folder.js';
import { parseJob } from './job.js';

/** Writes report.html again. Throws `input.run` where the folder holds no run, or one that is not finished or only trained. */
export async function runReport(path: string): Promise<{ readonly report: Report; readonly file: string }> {
  const { folder, run } = await RunFolder.open(path);
  const { kind } = parseJob(run, folder.file('run.json'));
  const report = (await folder.readJson('report.json')) as Report | undefined;
  if (report?.pithReport !== 1)
    throw new PithError('input.run', {
      at: { file: path },
      expected: 'the run of a compression that has finished',
      got: kind === 'train' ? 'a training run, which has no report' : 'one that has not',
      fix: kind === 'train' ? 'look into its events.ndjson' : `go on with it: pith resume ${path}`,
    });
  const file = folder.file('report.html');
  await writeAtomic(file, new TextEncoder().encode(renderReport(report)));
  return { report, file };
}
