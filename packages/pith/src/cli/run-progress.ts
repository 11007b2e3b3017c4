/** What a run says about itself, as one line of progress. */
import type { RunProgress } from '../recipe/runner.js';
import type { Terminal } from './command.js';

export const runProgress =
  ({ show }: Pick<Terminal, 'show'>) =>
  ({ step, index, round, fit }: RunProgress): void => {
    const name = `${round > 0 ? `round ${round + 1}, ` : ''}step ${index + 1} ${step}`;
    if (!fit) {
      show(name);
      return;
    }
    const done = (fit.epoch + fit.step / fit.steps) / fit.epochs;
    show(`${name}  epoch ${fit.epoch + 1}/${fit.epochs}  loss ${fit.loss.toFixed(3)}  error ${(100 * fit.error).toFixed(2)} %`, done);
  };
