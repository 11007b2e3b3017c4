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

/** `debug` adds the stack and the causes. Never throws, whatever was thrown. */
export function failureOf(error: unknown, { debug = false }: { readonly debug?: boolean } = {}): Failure {
  const trace = debug ? `\n\n${inspect(error, { depth: 4 })}` : '';
  if (error instanceof CommanderError) {
    // commander has printed its message, or the help that was asked for.
    return { text: trace.trim(), exitCode: error.exitCode === 0 ? 0 : exitCodes.usage, json: failed('usage.command', messageOf(error)) };
  }
  if (error instanceof PithError && error.kind !== 'bug') {
    const { fix, ...detail } = error.detail;
    const what = fix ? error.message.slice(0, -`; ${fix}`.length) : error.message;
    const lines = [`error: ${printable(what)}`, ...(fix ? [`hint:  ${printable(fix)}`] : [])];
    return {
      text: lines.join('\n') + trace,
      exitCode: exitCodes[error.kind],
      json: failed(error.code, error.message, { ...detail, ...(fix && { fix }) }),
    };
  }
  if (error instanceof Error && error.name === 'AbortError')
    return { text: `error: interrupted${trace}`, exitCode: exitCodes.interrupted, json: failed('interrupted.cancelled', 'interrupted') };
  const message = messageOf(error);
  const advice = debug
    ? 'please report it with the command and what follows'
    : 'please report it with the command; --debug shows where it happened';
  return {
    text: `error: ${printable(message)}\nhint:  this is a bug in pith: ${advice}${trace}`,
    exitCode: exitCodes.bug,
    json: failed(error instanceof PithError ? error.code : 'bug.unexpected', message),
  };
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
