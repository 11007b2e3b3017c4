/** What a comparison says about itself, as one line of progress. */
import type { CompareProgress } from '../library/compare/progress.js';
import type { Terminal } from './command.js';
import { runProgress } from './run-progress.js';

export function compareProgress({ show }: Pick<Terminal, 'show'>): (p: CompareProgress) => void {
  const training = (name: string) => runProgress({ show: (text, fraction) => show(`${name}: ${text}`, fraction) });
  show('reading model and data');
  let current: { readonly name: string; readonly hear: ReturnType<typeof runProgress> } | undefined;
  return ({ doing, training: run, done = 0, total = 0 }) => {
    if (!run) {
      show(`${doing}: point ${done + 1} of ${total}`, total > 0 ? done / total : undefined);
      return;
    }
    if (current?.name !== doing) current = { name: doing, hear: training(doing) };
    current.hear(run);
  };
}
