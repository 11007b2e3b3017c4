/**
 * What goes on, on stderr. On a terminal one line that is drawn again and again: a bar, the share that is done, what the program says,
 * the time that is left. Elsewhere (a file, a log of CI) a plain line, one a second. Either way something moves at least once a second: where
 * nothing else does, the time counts for which it has not.
 */
import ora, { type Ora } from 'ora';
import { formatSeconds, printable } from '../report/format.js';

export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** `--quiet`: nothing at all. */
  readonly quiet?: boolean;
  /** False for `--no-progress`: only what `note` says. */
  readonly progress?: boolean;
}

export interface Progress {
  /** What is being done, and how much of it is done (0 … 1) where that is known. */
  readonly show: (text: string, fraction?: number) => void;
  /** A line that stays. */
  readonly note: (text: string) => void;
  /** Takes the line away. `show` may begin anew. */
  readonly stop: () => void;
}

const plainEvery = 1000;
const redrawEvery = 250;
/** Where nothing has changed for as long as this, a plain line as often as this is enough. */
const longStanding = 10_000;
const barWidth = 20;

export function startProgress(options: ProgressOptions): Progress {
  const { stream, env, now, quiet = false, progress = true } = options;
  // A terminal of no width (one that a program made) has no line to draw on; ora would count lines for ever.
  const live = stream.isTTY === true && stream.columns !== 0 && env['TERM'] !== 'dumb' && !env['CI'];
  let current: Shown | undefined;
  let timer: NodeJS.Timeout | undefined;
  let spinner: Ora | undefined;
  let last = Number.NEGATIVE_INFINITY;

  const draw = (): void => {
    if (!current || (!live && now() - current.moved >= longStanding && now() - last < longStanding)) return;
    last = now();
    timer?.refresh();
    if (!live) {
      stream.write(`${lineOf(current, last, Number.POSITIVE_INFINITY)}\n`);
      return;
    }
    const text = lineOf(current, last, (stream.columns ?? 80) - 4);
    spinner ??= ora({ stream, isEnabled: true, discardStdin: false, color: env['NO_COLOR'] ? false : 'cyan' }).start(text);
    spinner.text = text;
    spinner.render();
  };

  return {
    show(text, fraction) {
      if (quiet || !progress) return;
      current = next(current, printable(text), fraction, now());
      timer ??= setInterval(draw, live ? redrawEvery : plainEvery).unref();
      // The timer alone would stand still while a computation holds the thread.
      if (now() - last >= (live ? redrawEvery / 2 : plainEvery)) draw();
    },
    note(text) {
      if (!quiet) stream.write(`${text.split('\n').map(printable).join('\n')}\n`); // ora takes its own line away and puts it back
    },
    stop() {
      clearInterval(timer);
      spinner?.stop();
      timer = undefined;
      spinner = undefined;
      current = undefined;
      if (live) last = Number.NEGATIVE_INFINITY;
    },
  };
}

interface Shown {
  readonly text: string;
  readonly fraction: number | undefined;
  /** When this piece of work was first seen, and how much of it was done then. */
  readonly since: number;
  readonly from: number;
  /** When the text or the percentage last changed. */
  readonly moved: number;
}

/** A fraction that appears, goes away or falls belongs to a new piece of work, whose time is counted anew. */
function next(shown: Shown | undefined, text: string, given: number | undefined, at: number): Shown {
  const fraction = given !== undefined && Number.isFinite(given) ? Math.min(1, Math.max(0, given)) : undefined;
  const goesOn =
    shown &&
    (fraction === undefined
      ? shown.fraction === undefined && shown.text === text
      : shown.fraction !== undefined && fraction >= shown.fraction);
  const stands = goesOn && shown.text === text && percentOf(shown.fraction) === percentOf(fraction);
  return {
    text,
    fraction,
    since: goesOn ? shown.since : at,
    from: goesOn ? shown.from : (fraction ?? 0),
    moved: stands ? shown.moved : at,
  };
}

const percentOf = (fraction: number | undefined): number => Math.floor((fraction ?? 0) * 100);

function lineOf({ text, fraction, since, from, moved }: Shown, at: number, width: number): string {
  const spent = (at - since) / 1000;
  const stood = (at - moved) / 1000;
  const standing = stood >= 1 ? whole(stood) : '';
  if (fraction === undefined) return fit([text, standing], width);
  const filled = Math.round(fraction * barWidth);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  const percent = `${String(percentOf(fraction)).padStart(3)} %`;
  // Too early, the time left is a guess that jumps.
  const known = fraction > from && fraction < 1 && spent >= 1;
  const left = standing || (known ? `${whole((spent * (1 - fraction)) / (fraction - from))} left` : '');
  return Number.isFinite(width) && width >= 60 ? fit([bar, percent, text, left], width) : fit([percent, text, left], width);
}

/** Whole seconds, at least one: a line that counts needs no tenths. */
const whole = (seconds: number): string => formatSeconds(Math.max(1, Math.round(seconds))).replace('.0 ', ' ');

/** What does not fit is cut from the end: a line that wraps cannot be drawn again. */
function fit(parts: readonly string[], width: number): string {
  const letters = [...parts.filter((part) => part !== '').join('  ')];
  return letters.length <= width ? letters.join('') : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
