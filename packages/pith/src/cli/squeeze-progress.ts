/** What a squeeze says about itself: a line of progress, and one that stays for each round of a search. */
import type { SqueezeProgress } from '../library/squeeze-options.js';
import { formatCount, formatNumber } from '../report/format.js';
import { formatCosine } from '../report/squeeze-build.js';
import type { SqueezeRound } from '../report/squeeze-report.js';
import type { Terminal } from './command.js';

const words = {
  reading: 'reading the model',
  'making inputs': 'making inputs that match its batch norms',
  preparing: 'looking at the model',
  drafting: 'looking for the size',
  quantizing: 'quantizing',
  coding: 'coding',
  measuring: 'measuring',
} as const satisfies Record<Exclude<SqueezeProgress['phase'], 'round'>, string>;

/** `searching`: whether there will be several rounds for sure. A first round that is the only one is told by the result. */
export function squeezeProgress({ show, note }: Pick<Terminal, 'show' | 'note'>, searching: boolean): (p: SqueezeProgress) => void {
  const waiting: string[] = [];
  return (progress) => {
    if (progress.phase === 'round') {
      waiting.push(roundLine(progress.round, progress));
      if (searching || progress.round > 1) for (const line of waiting.splice(0)) note(line);
      return;
    }
    const { phase, done, total, round } = progress;
    const text = `${round > 1 || (searching && round > 0) ? `round ${round}: ` : ''}${words[phase]}`;
    if (total > 0) show(text, done / total);
    else show(text);
  };
}

function roundLine(round: number, { constant, bytes, fidelity, drop }: SqueezeRound): string {
  const quality = fidelity === null ? 'outputs broken' : `fidelity ${formatCosine(fidelity)}`;
  const rise = drop === undefined ? '' : `, error ${drop < 0 ? '' : '+'}${formatNumber(drop, 2)} points`;
  return `round ${String(round).padStart(2)}: constant ${constant.toPrecision(4)}, ${formatCount(bytes)} bytes, ${quality}${rise}`;
}
