/** What a run says about itself, as one line of progress. */
import type { RunProgress } from '../recipe/runner.js';
import type { Terminal } from './command.js';

/** Says at once that data and model are read, which takes a while before a run says anything itself. */
export function runProgress({ show }: Pick<Terminal, 'show'>): (p: RunProgress) => void {
  show('reading model and data');
  return ({ step, index, round, rounds, fit }) => {
    const name = `${rounds !== undefined ? `point ${round + 1} of ${rounds}, ` : round > 0 ? `round ${round + 1}, ` : ''}step ${index + 1} ${step}`;
    if (!fit) {
      show(name);
      return;
    }
    const done = (fit.epoch + fit.step / fit.steps) / fit.epochs;
    const figures = `loss ${fit.loss.toFixed(3)}  error ${(100 * fit.error).toFixed(2)} %`;
    if (done >= 1) show(`${name}  ${figures}  measuring`);
    else show(`${name}  epoch ${fit.epoch + 1}/${fit.epochs}  ${figures}`, done);
  };
}
