/** The command line: words to a command, its answer to stdout, progress and errors to stderr, the class of an error to the exit code. */
import { Command } from 'commander';
import { exitCodes } from '../base/errors.js';
import { ownVersion } from '../library/own-version.js';
import type { CommandSpec, Terminal } from './command.js';
import { commands } from './commands/list.js';
import { type FailureContext, failureOf } from './exit.js';
import { writeResult } from './output.js';
import { startProgress } from './progress.js';
import { commandLine, programName, typedLine } from './shell.js';

interface GlobalFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly progress?: boolean;
  readonly debug?: boolean;
}

const exits = `
Exit codes: 0 done, 1 a bug in pith, 2 wrong usage, 3 bad input or nothing that pith can do with it, 4 target not met (the best result is
kept), 5 interrupted (\`pith resume\` goes on), 6 the output cannot be written, 7 numbers that are not finite.

\`pith model.onnx\` is short for \`pith squeeze model.onnx\`. A first try, which needs no model:  npx pith demo
`;

/** Runs one command; gives the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('pith')
    .description('Makes trained neural networks small, without data or with retraining on yours. ONNX in, one .pith file out.')
    .version(ownVersion())
    .option('--json', 'print one JSON object instead of text')
    .option('--quiet', 'print nothing but the result and errors')
    .option('--no-progress', 'show no progress')
    .option('--debug', 'show where in the program an error came from')
    .addHelpText('after', exits)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined }) // failureOf says it
    .exitOverride();
  for (const spec of commands) {
    const command = spec.words(
      program
        .command(spec.name)
        .summary(spec.summary)
        .description(`${capital(spec.summary)}.`),
    );
    command.addHelpText('after', `\n${spec.help}`).action(async (...given: unknown[]) => {
      const args = given
        .slice(0, -2)
        .flat()
        .filter((a): a is string => typeof a === 'string');
      exitCode = await perform(spec, args, command.optsWithGlobals(), argv);
    });
  }
  try {
    await program.parseAsync(withCommand(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    const command = commands.find(({ name }) => withCommand(argv).includes(name))?.name ?? '';
    return fail(error, { command, json: argv.includes('--json'), debug: argv.includes('--debug'), help: advice(command, argv) });
  }
}

/** `pith model.onnx` is short for `pith squeeze model.onnx`. */
function withCommand(argv: readonly string[]): string[] {
  const first = argv.find((word) => word === '-' || !word.startsWith('-'));
  const named = first !== undefined && (first === 'help' || commands.some(({ name }) => name === first));
  const model = argv.some((word) => word === '-' || word.endsWith('.onnx'));
  return !named && model ? ['squeeze', ...argv] : [...argv];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What somebody who typed this might want. */
function advice(command: string, argv: readonly string[]): string {
  if (command !== '') return `${line(command, '--help')} shows its options`;
  const file = argv.find((word) => word.endsWith('.pith'));
  return file === undefined ? `${line('--help')} shows all commands` : `to see what is in it: ${line('inspect', file)}`;
}

const line = (...words: readonly string[]): string => commandLine(programName(process.argv[1], process.env), words);

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
    if (stop.signal.aborted) {
      progress.stop(); // the cursor comes back
      if (folder !== undefined) process.stderr.write(`next:  ${line('resume', folder)}\n`);
      process.exit(exitCodes.interrupted);
    }
    stop.abort();
    progress.note('stopping at the next step; once more ends at once');
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
    typed: typedLine(argv),
    line,
  };
  try {
    const answer = await spec.action(args, { ...options }, terminal);
    progress.stop();
    if (answer.bytes) progress.note(answer.text);
    await writeResult(answer, { stream: process.stdout, command: spec.name, json });
    return answer.exitCode ?? 0;
  } catch (error) {
    progress.stop();
    return await fail(error, { command: spec.name, json, debug, ...(folder !== undefined && { resume: line('resume', folder) }) });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

interface FailOptions extends FailureContext {
  readonly command: string;
  readonly json: boolean;
}

async function fail(error: unknown, { command, json, ...context }: FailOptions): Promise<number> {
  const failure = failureOf(error, context);
  if (failure.text !== '') process.stderr.write(`${failure.text}\n`);
  if (json && failure.exitCode !== 0) await writeResult(failure, { stream: process.stdout, command, json });
  return failure.exitCode;
}
