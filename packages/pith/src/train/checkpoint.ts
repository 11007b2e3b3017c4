/**
 * Checkpoints: named arrays and a JSON value in one file, in the safetensors layout (8 bytes of header length, a JSON header, the arrays
 * one after the other), so that other tools can open it. A checksum over names, types, state and arrays stands in the header.
 */
import { PithError } from '../base/errors.js';

export type CheckpointArray = Float32Array | Uint8Array | Uint16Array;

export interface Checkpoint {
  readonly arrays: ReadonlyMap<string, CheckpointArray>;
  /** Anything JSON can say: where training stands, the history so far. */
  readonly state: unknown;
}

const types = { F32: Float32Array, U16: Uint16Array, U8: Uint8Array } as const;
type TypeName = keyof typeof types;

interface Entry {
  readonly dtype: TypeName;
  readonly shape: readonly [number];
  readonly data_offsets: readonly [number, number];
}

const typeName = (a: CheckpointArray): TypeName => (a instanceof Float32Array ? 'F32' : a instanceof Uint16Array ? 'U16' : 'U8');
const headerLimit = 64 << 20;
const metadataName = '__metadata__';

/** The file's parts in order. Throws `unsupported.name` for an array of the one name that the layout keeps for itself. */
export function encodeCheckpoint({ arrays, state }: Checkpoint): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const entries: [string, Entry][] = [];
  let at = 0;
  for (const [name, array] of arrays) {
    if (name === metadataName) throw new PithError('unsupported.name', { at: { tensor: name }, expected: 'another name', got: name });
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    entries.push([name, { dtype: typeName(array), shape: [array.length], data_offsets: [at, at + bytes.length] }]);
    at += bytes.length;
    parts.push(bytes);
  }
  const text = JSON.stringify(state ?? null);
  const meta = { state: text, adler32: String(checksum(text, entries, parts)) };
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[metadataName, meta], ...entries])));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(32);
  padded.set(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return [length, padded, ...parts];
}

/** Throws `input.checkpoint` for anything that `encodeCheckpoint` did not make. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  if (bytes.length < 8) throw bad('a checkpoint of at least 8 bytes', `${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > Math.min(headerLimit, bytes.length - 8)) throw bad('a header within the file', `${length} bytes`);
  const { meta, entries } = headerOf(bytes.subarray(8, 8 + length));
  const body = bytes.subarray(8 + length);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [from, to] = data_offsets;
    if (from !== at || to > body.length || to - from !== shape[0] * types[dtype].BYTES_PER_ELEMENT)
      throw bad(`array "${name}" of ${shape[0]} numbers from byte ${at} within the file`, `${from} … ${to}`);
    parts.push(Uint8Array.prototype.slice.call(body, from, to));
    at = to;
  }
  if (at !== body.length) throw bad(`${8 + length + at} bytes`, `${bytes.length}`);
  if (String(checksum(meta.state, entries, parts)) !== meta.adler32) throw bad('a checkpoint as it was written', 'another checksum');
  return {
    arrays: new Map(entries.map(([name, { dtype }], i) => [name, new types[dtype](parts[i]!.buffer as ArrayBuffer)])),
    state: json(meta.state),
  };
}

const bad = (expected: string, got: string): PithError =>
  new PithError('input.checkpoint', { expected, got, fix: 'delete it: the run starts again from the one before, or from the beginning' });

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('JSON', 'something else');
  }
}

/** The header's two parts, entries in the order of the file: JSON puts names that look like whole numbers first. */
function headerOf(bytes: Uint8Array): {
  readonly meta: { readonly state: string; readonly adler32: string };
  readonly entries: [string, Entry][];
} {
  const header = json(new TextDecoder().decode(bytes));
  if (!isObject(header)) throw bad('a header of names', 'something else');
  const meta = Object.hasOwn(header, metadataName) ? header[metadataName] : undefined;
  if (!isObject(meta) || typeof meta['state'] !== 'string' || typeof meta['adler32'] !== 'string') throw bad('state and checksum', 'none');
  const entries = Object.entries(header).filter(([name]) => name !== metadataName);
  for (const [name, entry] of entries) if (!isEntry(entry)) throw bad(`type, shape and place of array "${name}"`, 'something else');
  const sorted = (entries as [string, Entry][]).sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  return { meta: { state: meta['state'], adler32: meta['adler32'] }, entries: sorted };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isEntry(value: unknown): value is Entry {
  if (!isObject(value)) return false;
  const { dtype, shape, data_offsets: place } = value;
  const typed = typeof dtype === 'string' && Object.hasOwn(types, dtype);
  return (
    typed && Array.isArray(shape) && shape.length === 1 && Array.isArray(place) && place.length === 2 && [...shape, ...place].every(isSize)
  );
}

/**
 * Adler-32 (RFC 1950) over the state, the arrays' names, types and sizes (sorted: the order of empty ones is not kept), and the arrays in
 * the order of the file.
 */
function checksum(state: string, entries: readonly (readonly [string, Entry])[], parts: readonly Uint8Array[]): number {
  const names = entries.map(([name, { dtype, shape }]) => JSON.stringify([name, dtype, ...shape])).sort();
  return parts.reduce((sum, part) => adler32(part, sum), adler32(new TextEncoder().encode(JSON.stringify([state, names])), 1));
}

/** Continued from `start`. */
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
