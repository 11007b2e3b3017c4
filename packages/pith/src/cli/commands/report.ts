/** `pith report`: the page and the tables of a run or a comparison that has finished, made again. */
import { renderText } from '../../report/text.js';
import type { CommandSpec } from '../command.js';
import { compareAnswer } from './compare.js';

export const reportCommand: CommandSpec = {
  name: 'report',
  summary: 'show a finished run, and write its page again',
  help: `  pith report model.pith.run`,
  words: (c) => c.argument('<run>', 'a run folder'),
  async action([run]) {
    const { compareReport } = await import('../../library/compare/compare.js');
    const compared = await compareReport(run!);
    if (compared) return compareAnswer(compared);
    const { runReport } = await import('../../library/run-report.js');
    const { report, file } = await runReport(run!);
    return { text: `${renderText(report)}\n\nreport ${file}`, json: { report, file } };
  },
};
