/** The command line: words to a command, its answer to stdout, progress and errors to stderr, the class of an error to the exit code. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { exitCodes } from '../base/errors.js';
import { versions } from '../library/versions.js';
import type { CommandSpec, Terminal } from './command.js';
import { commands } from './commands/list.js';
import { failureOf } from './exit.js';
import { writeResult } from './output.js';
import { startProgress } from './progress.js';

interface GlobalFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly progress?: boolean;
  readonly debug?: boolean;
}

/** Runs one command; gives the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('pith')
    .description('Makes trained neural networks small: prune, share, code, with retraining. ONNX in, one .pith file out.')
    .version(versions()['pith'] ?? '')
    .showSuggestionAfterError()
    .showHelpAfterError('(pith --help shows all commands; pith COMMAND --help its options)')
    .exitOverride();
  for (const spec of commands) {
    const command = withGlobal(spec.words(program.command(spec.name).summary(spec.summary).description(spec.summary)));
    command.action(async (...given: unknown[]) => {
      const args = given.slice(0, -2).filter((a): a is string => typeof a === 'string');
      exitCode = await perform(spec, args, command.opts(), argv);
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return fail(error, { command: argv[0] ?? '', json: argv.includes('--json'), debug: argv.includes('--debug') });
  }
}

const withGlobal = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object instead of text')
    .option('--quiet', 'print nothing but the result and errors')
    .option('--no-progress', 'show no progress')
    .option('--debug', 'show where in the program an error came from');

async function perform(spec: CommandSpec, args: readonly string[], options: GlobalFlags, argv: readonly string[]): Promise<number> {
  const { json = false, quiet = false, debug = false } = options;
  const stop = new AbortController();
  const progress = startProgress({
    stream: process.stderr,
    env: process.env,
    now: () => performance.now(),
    quiet,
    progress: options.progress !== false,
  });
  let folder: string | undefined;
  // The first Ctrl-C ends the work at the next step, with a checkpoint; the second ends the program.
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const terminal: Terminal = {
    signal: stop.signal,
    show: (text, fraction) => progress.show(text, fraction),
    note: (text) => progress.note(text),
    onRun: (path) => {
      folder = path;
    },
    typed: typed(argv),
  };
  try {
    const answer = await spec.action(args, { ...options }, terminal);
    progress.stop();
    await writeResult(answer, { stream: process.stdout, command: spec.name, json });
    return answer.exitCode ?? 0;
  } catch (error) {
    progress.stop();
    if (stop.signal.aborted && folder !== undefined) progress.note(`stopped with a checkpoint; go on with: pith resume ${folder}`);
    return await fail(error, { command: spec.name, json, debug });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

interface FailOptions {
  readonly command: string;
  readonly json: boolean;
  readonly debug: boolean;
}

async function fail(error: unknown, { command, json, debug }: FailOptions): Promise<number> {
  const failure = failureOf(error, { debug });
  if (failure.text !== '') process.stderr.write(`${failure.text}\n`);
  if (json && failure.exitCode !== 0) await writeResult(failure, { stream: process.stdout, command, json });
  return failure.exitCode;
}

/** What was typed, with the folders of paths left away: it goes into reports that others read. */
const typed = (argv: readonly string[]): string => `pith ${argv.map((word) => (word.includes('/') ? basename(word) : word)).join(' ')}`;
