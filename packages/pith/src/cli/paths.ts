/** Care with paths: an output is never an input, and the folder it goes to is there before hours are spent. */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PithError } from '../base/errors.js';
import { outputError } from '../base/files.js';

const real = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

/** Throws `usage.overwrite` where `output` is one of the inputs, `output.folder`, `output.denied` and `output.path` where it cannot be made. */
export async function refuseOverwrite(output: string, ...inputs: readonly string[]): Promise<void> {
  for (const input of inputs)
    if ((await real(output)) === (await real(input)))
      throw new PithError('usage.overwrite', {
        at: { file: output },
        expected: 'an output other than the input',
        got: 'the same file',
        fix: 'choose another name after -o',
      });
  const parent = dirname(resolve(output));
  const there = await stat(parent).catch(() => undefined);
  if (!there?.isDirectory())
    throw new PithError('output.folder', {
      at: { file: parent },
      expected: 'a folder that exists',
      got: there ? 'a file' : 'none',
      fix: 'make the folder first',
    });
  await access(parent, constants.W_OK).catch((error: unknown) => {
    throw outputError(output, error);
  });
  if ((await stat(output).catch(() => undefined))?.isDirectory())
    throw new PithError('output.path', {
      at: { file: output },
      expected: 'a place for a file',
      got: 'a folder',
      fix: 'name a file after -o',
    });
}

export const sizeOfFile = async (path: string): Promise<number> => (await stat(path)).size;
