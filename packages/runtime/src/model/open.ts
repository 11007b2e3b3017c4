/** A .pith file from any source, read, checked and decoded while it comes; what `load` and `toOnnx` have in common. */
import { Sha256 } from '../codec/sha256.js';
import { PithError } from '../errors.js';
import { type Limits, limitsOf } from '../format/limits.js';
import { type PithFile, PithStream } from '../format/read.js';
import { slim } from '../format/stored.js';
import { checkIntegrity, parseIntegrity } from './integrity.js';
import { checkSignal } from './pump.js';
import type { Progress } from './sink.js';
import { readSource, type Source } from './source.js';

export interface OpenOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly limits?: Partial<Limits>;
  /** The SHA-256 of the whole file, as `sha256-` and base64. */
  readonly integrity?: string;
  /** How often in a row a download that was cut off is taken up again without anything coming of it: 5 unless said; 0 for never. */
  readonly retries?: number;
}

export const openOptionNames: readonly string[] = ['signal', 'onProgress', 'limits', 'integrity', 'retries'];

/** Throws `usage.option`. */
export function checkOptions(given: object, names: readonly string[]): void {
  const refuse = (option: string, expected: string, got: unknown): never => {
    throw new PithError('usage.option', { at: { option }, expected, got: String(got) });
  };
  if (typeof given !== 'object' || given === null) refuse('options', 'an object', given);
  const { signal, onProgress } = given as OpenOptions;
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.aborted !== 'boolean') refuse('signal', 'an AbortSignal', signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') refuse('onProgress', 'a function', onProgress);
  for (const key of Object.keys(given)) if (!names.includes(key)) refuse(key, `one of ${names.join(', ')}`, key);
}

/**
 * Throws what `readPith` throws, `input.fetch` and `input.file` where the source gives no file, `input.integrity` where it is another one
 * than meant, `usage.source`, `usage.option`, `usage.integrity`, `interrupted.cancelled`.
 */
export async function openPith(source: Source, options: OpenOptions): Promise<PithFile> {
  const { signal, onProgress, retries = 5 } = options;
  if (!Number.isInteger(retries) || retries < 0)
    throw new PithError('usage.option', { at: { option: 'retries' }, expected: 'a whole number from 0', got: String(retries) });
  const allowed = options.integrity === undefined ? undefined : parseIntegrity(options.integrity);
  const limits = limitsOf(options.limits);
  const begin = () => ({ stream: new PithStream({ limits, hold: slim }), hash: allowed && new Sha256() });
  let intake = begin();
  await readSource(source, {
    signal,
    onProgress,
    retries,
    // what is coded is hardly ever larger than what it decodes to
    maxBytes: limits.maxDecodedBytes + 2 ** 20,
    sink: {
      push: (piece) => {
        intake.hash?.update(piece);
        intake.stream.push(piece);
      },
      restart: () => {
        intake = begin();
      },
    },
  });
  checkSignal(signal);
  const file = intake.stream.end();
  if (allowed && intake.hash) checkIntegrity(allowed, intake.hash.digest());
  onProgress?.({ phase: 'decode', done: 1, total: 1 });
  checkSignal(signal);
  return file;
}
