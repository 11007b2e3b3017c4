/** What an answer of a server says of the file in it. */
import { PithError } from '../errors.js';

/** The body of an answer that is a file. Throws `input.fetch`. */
export function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (response.ok && response.body) return response.body;
  throw new PithError('input.fetch', {
    at: { file: response.url },
    expected: 'a file',
    got: `status ${response.status} ${response.statusText}`.trim(),
    fix: 'look at the address',
  });
}

/** Bytes of the body, where the answer says it: one that is compressed is longer than its content-length. */
export function lengthOf({ headers }: Response): number | undefined {
  const length = Number(headers.get('content-length'));
  return length > 0 && !headers.get('content-encoding') ? length : undefined;
}

/** The version of a file, as its server names it; a weak tag names no bytes. */
export function versionOf({ headers }: Response): string | undefined {
  const tag = headers.get('etag');
  return tag && !tag.startsWith('W/') ? tag : (headers.get('last-modified') ?? undefined);
}

export interface Range {
  readonly start: number | undefined;
  /** Of the whole file. */
  readonly size: number | undefined;
}

/** Which part of the file it is. A page sees none of another origin unless that allows it. */
export function rangeOf({ headers }: Response): Range | undefined {
  const found = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/.exec(headers.get('content-range') ?? '');
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return found ? { start: number(found[1]), size: number(found[2]) } : undefined;
}
