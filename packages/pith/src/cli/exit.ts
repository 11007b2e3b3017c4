/** How a failure ends the program: what is said on stderr, what `--json` says, and the exit code of its class. */
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { exitCodes, PithError } from '../base/errors.js';
import { printable } from '../report/format.js';

export interface Failure {
  /** For stderr; empty where all has been said. */
  readonly text: string;
  readonly exitCode: number;
  /** Printed under `--json`, with version and command added. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface FailureContext {
  /** Adds the stack and the causes. */
  readonly debug?: boolean;
  /** What to do about a wrong command line. */
  readonly help?: string;
  /** The line that goes on with the run that was cut off, where there is one. */
  readonly resume?: string;
}

/** Never throws, whatever was thrown. */
export function failureOf(error: unknown, { debug = false, help, resume }: FailureContext = {}): Failure {
  const trace = debug ? `\n\n${inspect(error, { depth: 4 })}` : '';
  if (error instanceof CommanderError) return usageFailure(error, help, trace);
  if (isInterruption(error)) return interruption(error, resume, trace);
  if (error instanceof PithError && error.kind !== 'bug') {
    const { fix, ...detail } = error.detail;
    const what = fix ? error.message.slice(0, -`; ${fix}`.length) : error.message;
    // A disk that was full can be made room on: the run is as it was.
    const next = error.kind === 'output' && resume !== undefined ? resume : undefined;
    return {
      text: [lines(what, fix), ...(next === undefined ? [] : [`next:  ${next}`])].join('\n') + trace,
      exitCode: exitCodes[error.kind],
      json: failed(error.code, error.message, { ...detail, ...(fix && { fix }), ...(next !== undefined && { resume: next }) }),
    };
  }
  const message = messageOf(error);
  const advice = debug
    ? 'please report it with the command and what follows'
    : 'please report it with the command; --debug shows where it happened';
  return {
    text: `${lines(message, `this is a bug in pith: ${advice}`)}${trace}`,
    exitCode: exitCodes.bug,
    json: failed(error instanceof PithError ? error.code : 'bug.unexpected', message),
  };
}

const lines = (what: string, hint: string | undefined): string =>
  [`error: ${printable(what)}`, ...(hint ? [`hint:  ${printable(hint)}`] : [])].join('\n');

/** commander's words in our form. Help and version have been printed by then: there is nothing more to say. */
function usageFailure(error: CommanderError, help: string | undefined, trace: string): Failure {
  if (error.exitCode === 0) return { text: trace.trim(), exitCode: 0, json: {} };
  if (error.code === 'commander.help')
    return { text: trace.trim(), exitCode: exitCodes.usage, json: failed('usage.command', 'no command') };
  const [, what, meant] = /^(?:error: )?([\s\S]*?)(?:\n\((Did you mean [\s\S]*)\))?$/.exec(error.message) ?? [];
  const fix = [meant?.replace('Did', 'did'), help].filter(Boolean).join(' ');
  const message = (what ?? error.message)
    .replace(/\.$/, '')
    .replace(/ is invalid\. (\w)/, (_, next: string) => ` is invalid: ${next.toLowerCase()}`);
  return {
    text: lines(message, fix) + trace,
    exitCode: exitCodes.usage,
    json: failed('usage.command', message, fix === '' ? {} : { fix }),
  };
}

const isInterruption = (error: unknown): boolean =>
  error instanceof PithError ? error.kind === 'interrupted' : error instanceof Error && error.name === 'AbortError';

function interruption(error: unknown, resume: string | undefined, trace: string): Failure {
  const code = error instanceof PithError ? error.code : 'interrupted.cancelled';
  const text = resume === undefined ? 'interrupted' : `interrupted; a checkpoint is kept\nnext:  ${resume}`;
  return { text: text + trace, exitCode: exitCodes.interrupted, json: failed(code, 'interrupted', resume === undefined ? {} : { resume }) };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  try {
    return String(error);
  } catch {
    return 'something that is not an error was thrown';
  }
}

const failed = (code: string, message: string, detail: Readonly<Record<string, unknown>> = {}): Failure['json'] => ({
  error: { code, message, ...detail },
});
