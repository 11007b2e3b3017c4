/** The coders that exist, by id. A new one is a file and a line here; its id is the next. */
import { PithError } from '../errors.js';
import type { SymbolCoder } from './coder.js';
import { huffman } from './huffman.js';
import { rans } from './rans.js';
import { raw } from './raw.js';

export const coders: readonly SymbolCoder[] = [raw, huffman, rans];

/** Throws `unsupported.pith-coder` for an id that this version does not know. */
export function coderOf(id: number): SymbolCoder {
  const found = coders.find((coder) => coder.id === id);
  if (found) return found;
  throw new PithError('unsupported.pith-coder', {
    expected: `one of the coders ${coders.map((coder) => `${coder.id} (${coder.name})`).join(', ')}`,
    got: String(id),
    fix: 'the file was made by a newer version: update pith-runtime',
  });
}
