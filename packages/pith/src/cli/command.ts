/** What a command owes: its words for commander, and an action that returns an answer as text and as an object. It prints nothing itself. */
import type { Command } from 'commander';

export interface Terminal {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Shows what goes on, on stderr: a short text, and how much of the whole is done (0 … 1) where that is known. */
  readonly show: (text: string, fraction?: number) => void;
  /** A line on stderr that stays. */
  readonly note: (text: string) => void;
  /** Told of the run folder as soon as there is one, so that Ctrl-C can say how to go on. */
  readonly onRun: (folder: string) => void;
  /** What was typed, for reports: `pith compress model.onnx …`, without a machine's paths. */
  readonly typed: string;
  /** A command line that can be pasted where this one was typed: `npx pith inspect 'my model.pith'`. */
  readonly line: (...words: readonly string[]) => string;
}

export interface Answer {
  readonly text: string;
  /** Goes to stdout as it is (`-o -`); the text then goes to stderr. */
  readonly bytes?: Uint8Array;
  /** Printed under `--json`, with version and command added. */
  readonly json: Readonly<Record<string, unknown>>;
  /** 0 unless said. */
  readonly exitCode?: number;
}

export type Action = (args: readonly string[], options: Readonly<Record<string, unknown>>, terminal: Terminal) => Promise<Answer>;

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** What the help adds to the list of options: sentences that a user needs, and a line to copy. */
  readonly help: string;
  /** Adds arguments and options. */
  readonly words: (command: Command) => Command;
  /** Loads what it needs when it is called, so that help and light commands start at once. */
  readonly action: Action;
}
