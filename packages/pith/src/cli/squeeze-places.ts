/** Where models come from and files go: paths, several at once, `-` for stdin and stdout. An output is never an input. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PithError } from '../base/errors.js';
import { refuseOverwrite, sizeOfFile } from './paths.js';

/** Stands for stdin as an input, for stdout as an output. */
export const pipe = '-';

export interface SqueezePlace {
  readonly input: string;
  readonly output: string;
}

export interface PlaceOptions {
  /** What was given after -o. */
  readonly output?: string | undefined;
  /** What else is written. */
  readonly others: readonly (string | undefined)[];
  /** Whether stdout is taken by the object of `--json`. */
  readonly json: boolean;
}

/** Throws `usage.output`, `usage.overwrite`, `output.*` for places that cannot be, before anything is read. */
export async function placesOf(models: readonly string[], { output, others, json }: PlaceOptions): Promise<SqueezePlace[]> {
  const places = await Promise.all(models.map(async (input) => ({ input, output: await outputOf(input, models.length, output) })));
  const outputs = places.map((place) => place.output);
  const twice = outputs.find((path, i) => outputs.indexOf(path) < i);
  if (twice !== undefined) refuse('an output of its own for each model', `"${twice}" twice`, 'rename a model, or squeeze them one by one');
  if (models.length > 1 && models.includes(pipe)) refuse('files where there are several models', '-', 'squeeze stdin by itself');
  if (outputs.includes(pipe) && json) refuse('a file for the output, as --json takes stdout', '-', 'name a file after -o');
  if (outputs.includes(pipe) && process.stdout.isTTY) refuse('a file, or a pipe behind this command', 'a terminal', 'name a file after -o');
  const written = [...outputs, ...others].flatMap((path) => (path === undefined || path === pipe ? [] : [path]));
  for (const path of written) await refuseOverwrite(path, ...models.filter((model) => model !== pipe));
  return places;
}

async function outputOf(input: string, count: number, given: string | undefined): Promise<string> {
  const name = `${basename(input).replace(/\.(onnx|pith)$/, '')}.pith`;
  if (count > 1 && given !== undefined) {
    if ((await stat(given).catch(() => undefined))?.isDirectory()) return join(given, name);
    return refuse(
      'a folder that exists, for the files of several models',
      `"${given}"`,
      'make the folder, or leave -o out: files go beside the models',
    );
  }
  if (given !== undefined) return given;
  return input === pipe ? pipe : `${input.replace(/\.(onnx|pith)$/, '')}.pith`;
}

function refuse(expected: string, got: string, fix: string): never {
  throw new PithError('usage.output', { at: { option: 'output' }, expected, got, fix });
}

/** The model for the library: its path, or what comes from stdin. With its size, of which ratios such as 40x are. */
export async function sourceOf(input: string): Promise<{ readonly model: string | Uint8Array; readonly size: () => Promise<number> }> {
  if (input !== pipe) return { model: input, size: () => sizeOfFile(input) };
  if (process.stdin.isTTY)
    throw new PithError('usage.input', {
      expected: 'a model piped in',
      got: 'a terminal',
      fix: 'name a file, or pipe one in: < model.onnx',
    });
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  const model = Buffer.concat(chunks);
  return { model, size: async () => model.length };
}
