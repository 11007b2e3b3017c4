/** What every long command hands to the library: data and their pixels, seed, run folder, threads, and the terminal's side of it. */
import type { RunOptions } from '../library/runs.js';
import type { Terminal } from './command.js';
import { type DataFlags, dataOptions, preprocessOptions } from './options.js';
import { runProgress } from './run-progress.js';

/** The flags of `withData` and `withRun`, and the output. */
export interface RunFlags extends DataFlags {
  readonly data: string;
  readonly output: string;
  readonly seed: number;
  readonly run?: string;
  readonly threads: number;
  readonly workers?: number;
}

/** Throws `input.preprocess` for pixels that cannot be so. */
export const runOptions = (flags: RunFlags, terminal: Terminal): RunOptions & { readonly output: string } => ({
  data: flags.data,
  dataOptions: dataOptions(flags),
  preprocess: preprocessOptions(flags),
  seed: flags.seed,
  run: flags.run ?? { beside: flags.output },
  output: flags.output,
  threads: flags.threads,
  ...(flags.workers !== undefined && { workers: flags.workers }),
  command: terminal.typed,
  signal: terminal.signal,
  onProgress: runProgress(terminal),
  onRun: terminal.onRun,
});
