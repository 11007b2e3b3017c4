import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ProgressOptions, startProgress } from '../../src/cli/progress.js';
import { Screen } from './stream.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const start = (stream: Screen, more: Partial<ProgressOptions> = {}) => startProgress({ stream, env: {}, now: () => Date.now(), ...more });

/** Lets time pass while the work says what it does every 10 ms. */
function work(progress: ReturnType<typeof start>, seconds: number, from = 0, to = 1): void {
  for (let t = 0; t < seconds * 1000; t += 10) {
    progress.show('step 3 train  loss 0.031', from + ((to - from) * t) / (seconds * 1000));
    vi.advanceTimersByTime(10);
  }
}

test('Into a file goes a plain line a second, with what is done and what time is left', () => {
  const file = new Screen();
  const progress = start(file);
  work(progress, 5);
  progress.stop();
  expect(file.text).toBe(
    [
      '  0 %  step 3 train  loss 0.031',
      ' 19 %  step 3 train  loss 0.031  4 s left',
      ' 39 %  step 3 train  loss 0.031  3 s left',
      ' 59 %  step 3 train  loss 0.031  2 s left',
      ' 79 %  step 3 train  loss 0.031  1 s left',
      ' 99 %  step 3 train  loss 0.031  1 s left',
      '',
    ].join('\n'),
  );
});

test('Work of unknown length does not stand still either', () => {
  const file = new Screen();
  const progress = start(file);
  progress.show('reads the data');
  vi.advanceTimersByTime(3000);
  progress.stop();
  vi.advanceTimersByTime(3000);
  expect(file.drawn).toEqual(['reads the data', 'reads the data  1 s', 'reads the data  2 s', 'reads the data  3 s']);
});

test('Where nothing moves the time counts, so that no line comes twice; where it goes on the time left is back', () => {
  const file = new Screen();
  const progress = start(file);
  progress.show('trains', 0.25);
  vi.advanceTimersByTime(1000);
  progress.show('trains', 0.5);
  vi.advanceTimersByTime(3000);
  progress.show('trains', 0.9);
  vi.advanceTimersByTime(900);
  progress.show('trains', 0.95);
  vi.advanceTimersByTime(100);
  progress.stop();
  expect(file.drawn).toEqual([
    ' 25 %  trains',
    ' 25 %  trains  1 s',
    ' 50 %  trains  1 s',
    ' 50 %  trains  2 s',
    ' 50 %  trains  3 s',
    ' 95 %  trains  1 s left',
  ]);
});

test('In a log a long standing still is told every ten seconds only', () => {
  const file = new Screen();
  const progress = start(file);
  progress.show('reads');
  vi.advanceTimersByTime(40_000);
  progress.stop();
  expect(file.drawn.slice(0, 3)).toEqual(['reads', 'reads  1 s', 'reads  2 s']);
  expect(file.drawn.slice(9)).toEqual(['reads  9 s', 'reads  19 s', 'reads  29 s', 'reads  39 s']);
});

test('A line is drawn even where a computation holds the thread and no timer fires', () => {
  let clock = 0;
  const file = new Screen();
  const progress = start(file, { now: () => clock });
  for (; clock < 3000; clock += 500) progress.show('computes', clock / 3000);
  progress.stop();
  expect(file.drawn).toHaveLength(3);
});

test('A terminal of no width gets plain lines', () => {
  const screen = new Screen({ isTTY: true, columns: 0 });
  const progress = start(screen);
  work(progress, 4);
  progress.stop();
  expect(screen.drawn.length).toBeGreaterThan(0);
  expect(screen.text).not.toContain('\u001b');
});

test('On a terminal one line with a bar is drawn again at least four times a second, and taken away at the end', () => {
  const screen = new Screen({ isTTY: true });
  const progress = start(screen);
  work(progress, 4);
  expect(screen.drawn.length).toBeGreaterThanOrEqual(16);
  expect(screen.drawn.at(-1)).toMatch(/█{20} {3}9\d % {2}step 3 train {2}loss 0\.031 {2}1 s left/);
  expect(screen.text).not.toContain('\n');
  progress.stop();
  expect(screen.text.includes('\u001b[?25h'), 'the cursor is back').toBe(true);
  const { length } = screen.text;
  vi.advanceTimersByTime(2000);
  expect(screen.text).toHaveLength(length);
});

test.each([20, 40, 60, 80, 200])('On a terminal of %d columns the line does not wrap', (columns) => {
  const screen = new Screen({ isTTY: true, columns });
  const progress = start(screen);
  progress.show('a step with a long name '.repeat(10), 0.5);
  vi.advanceTimersByTime(2000);
  progress.stop();
  expect(screen.drawn.length).toBeGreaterThan(4);
  for (const line of screen.drawn) expect([...line].length).toBeLessThan(columns);
});

test('NO_COLOR takes colour away and leaves the line', () => {
  const drawn = (env: Record<string, string>): string => {
    const screen = new Screen({ isTTY: true });
    const progress = start(screen, { env });
    work(progress, 1);
    progress.stop();
    return screen.text;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  expect(drawn({ NO_COLOR: '1' })).not.toMatch(/\u001b\[[\d;]*m/);
  expect(drawn({ NO_COLOR: '1' })).toContain('step 3 train');
});

test.each([[{ TERM: 'dumb' }], [{ CI: 'true' }]])('With %j a terminal gets plain lines', (env) => {
  const screen = new Screen({ isTTY: true });
  const progress = start(screen, { env });
  work(progress, 2);
  progress.stop();
  expect(screen.text).toBe(
    '  0 %  step 3 train  loss 0.031\n 49 %  step 3 train  loss 0.031  1 s left\n 99 %  step 3 train  loss 0.031  1 s left\n',
  );
});

test('--quiet says nothing, --no-progress only notes', () => {
  for (const isTTY of [true, false]) {
    const quiet = new Screen({ isTTY });
    const silent = start(quiet, { quiet: true });
    work(silent, 2);
    silent.note('a note');
    silent.stop();
    expect(quiet.text).toBe('');

    const notes = new Screen({ isTTY });
    const noting = start(notes, { progress: false });
    work(noting, 2);
    noting.note('a note\nof two lines');
    noting.stop();
    expect(notes.text).toBe('a note\nof two lines\n');
  }
});

test('A note stays, and the line goes on under it', () => {
  const screen = new Screen({ isTTY: true });
  const progress = start(screen);
  work(progress, 1, 0, 0.5);
  progress.note('checkpoint written');
  work(progress, 1, 0.5, 1);
  progress.stop();
  const at = screen.drawn.findIndex((line) => line.trim() === 'checkpoint written');
  expect(at).toBeGreaterThan(0);
  expect(screen.drawn[at + 1]).toContain('step 3 train');
});

test('A new step counts its time anew, and odd fractions and texts do no harm', () => {
  const file = new Screen();
  const progress = start(file);
  work(progress, 4, 0, 1);
  work(progress, 2.5, 0, 0.25);
  expect(file.drawn.at(-1)).toBe(' 19 %  step 3 train  loss 0.031  8 s left');
  for (const fraction of [Number.NaN, -1, 7, Number.POSITIVE_INFINITY, undefined]) {
    progress.show('x\u001b[2J\ny', fraction);
    vi.advanceTimersByTime(1000);
  }
  progress.stop();
  progress.stop();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(file.text).not.toMatch(/\u001b|NaN|Infinity/);
});
