/**
 * Checkpoints: named arrays and a JSON value in one file, in the safetensors layout (8 bytes of header length, a JSON header, the arrays
 * one after the other), so that other tools can open it. A checksum over the arrays stands in the header.
 */
import { PithError } from '../base/errors.js';

export type CheckpointArray = Float32Array | Uint8Array | Uint16Array;

export interface Checkpoint {
  readonly arrays: ReadonlyMap<string, CheckpointArray>;
  /** Anything JSON can say: where training stands, the history so far. */
  readonly state: unknown;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const typeName = (a: CheckpointArray): string => (a instanceof Float32Array ? 'F32' : a instanceof Uint16Array ? 'U16' : 'U8');
const headerLimit = 64 << 20;

/** The file's parts in order. */
export function encodeCheckpoint({ arrays, state }: Checkpoint): Uint8Array[] {
  const entries: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const parts: Uint8Array[] = [];
  let at = 0;
  let sum = 1;
  for (const [name, array] of arrays) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    entries[name] = { dtype: typeName(array), shape: [array.length], data_offsets: [at, at + bytes.length] } satisfies Entry;
    at += bytes.length;
    sum = adler32(bytes, sum);
    parts.push(bytes);
  }
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: { state: JSON.stringify(state), adler32: String(sum) }, ...entries }));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(32);
  padded.set(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return [length, padded, ...parts];
}

/** Throws `input.checkpoint` for anything that `encodeCheckpoint` did not make. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const bad = (expected: string, got: string): never => {
    throw new PithError('input.checkpoint', { expected, got, fix: 'delete it: the run starts again from the one before, or from the beginning' });
  };
  if (bytes.length < 8) bad('a checkpoint of at least 8 bytes', `${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > Math.min(headerLimit, bytes.length - 8)) bad('a header within the file', `${length} bytes`);
  let header: Record<string, Entry> & { __metadata__?: { state?: string; adler32?: string } };
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    return bad('a JSON header', 'something else');
  }
  const { __metadata__: meta, ...entries } = header;
  const arrays = new Map<string, CheckpointArray>();
  let at = 0;
  let sum = 1;
  for (const [name, { dtype, data_offsets }] of Object.entries(entries as Record<string, Entry>)) {
    const [from, to] = data_offsets ?? [-1, -1];
    if (from !== at || !(to >= from) || 8 + length + to > bytes.length) bad(`array "${name}" from byte ${at} within the file`, `${from} … ${to}`);
    const part = bytes.slice(8 + length + from, 8 + length + to);
    sum = adler32(part, sum);
    arrays.set(name, dtype === 'F32' ? new Float32Array(part.buffer) : dtype === 'U16' ? new Uint16Array(part.buffer) : part);
    at = to;
  }
  if (8 + length + at !== bytes.length) bad(`${8 + length + at} bytes`, `${bytes.length}`);
  if (String(sum) !== meta?.adler32) bad('arrays as they were written', 'another checksum');
  return { arrays, state: JSON.parse(meta?.state ?? 'null') };
}

/** Adler-32 (RFC 1950), continued from `start`. */
function adler32(bytes: Uint8Array, start: number): number {
  let a = start & 0xffff;
  let b = start >>> 16;
  for (let i = 0; i < bytes.length; ) {
    const end = Math.min(i + 3800, bytes.length);
    for (; i < end; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}
