/**
 * Bytes of numbers that are `wide` bytes each. Under the raw coder as they are; under any other byte plane by byte plane (all lowest
 * bytes, then all second lowest, …), for sign and exponent bytes repeat where mantissa bytes do not. A bit before each plane says
 * whether the coder took it (1) or it stands as it is (0).
 */
import { type BitReader, BitWriter } from '../codec/bits.js';
import { ByteWriter } from '../codec/bytes.js';
import type { CodedBits, SymbolCoder } from '../codec/coder.js';
import { raw } from '../codec/raw.js';

export function writePlanes(out: BitWriter, bytes: Uint8Array, wide: number, coder: SymbolCoder): CodedBits {
  if (coder === raw) {
    out.bytes(bytes);
    return { table: 0, data: bytes.length * 8 };
  }
  let table = wide;
  let data = 0;
  for (let p = 0; p < wide; p++) {
    const plane = Uint8Array.from({ length: bytes.length / wide }, (_, i) => bytes[i * wide + p]!);
    const trial = new BitWriter(new ByteWriter());
    coder.encode(plane, 256, trial);
    const chosen = trial.length < plane.length * 8 ? coder : raw;
    out.write(chosen === raw ? 0 : 1, 1);
    const bits = chosen.encode(plane, 256, out);
    table += bits.table;
    data += bits.data;
  }
  return { table, data };
}

export interface Planes extends CodedBits {
  readonly bytes: Uint8Array;
}

/** Throws before it allocates where the file cannot hold so many bytes. */
export function readPlanes(from: BitReader, length: number, wide: number, coder: SymbolCoder): Planes {
  if (coder === raw) return { bytes: from.bytes(length), table: 0, data: length * 8 };
  let bytes = new Uint8Array(0);
  let table = wide;
  let data = 0;
  for (let p = 0; p < wide; p++) {
    const chosen = from.read(1) === 1 ? coder : raw;
    const plane = chosen.open(from, length / wide, 256);
    if (p === 0) bytes = new Uint8Array(length);
    table += plane.tableBits;
    data += plane.read(bytes, p, wide);
  }
  return { bytes, table, data };
}
