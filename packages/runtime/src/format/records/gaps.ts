/** The counts that sparse and shared records begin with. */
import type { ByteReader } from '../../codec/bytes.js';
import { sizeOf } from '../../tensor.js';
import type { Declaration } from '../fields.js';

/** How many weights there are. Throws `input.pith-value` where they cannot be stored so. */
export function sparseSize(from: Pick<ByteReader, 'refuse'>, { dtype, dims }: Declaration): number {
  if (dtype !== 'float32') from.refuse('float32 for a sparse or shared tensor', dtype);
  const size = sizeOf(dims);
  return size > 0xffffffff ? from.refuse('fewer than 2^32 weights', `[${dims}]`) : size;
}

export function readGapBits(from: ByteReader, least: number): number {
  const gapBits = from.varint();
  return gapBits < least || gapBits > 16 ? from.refuse(`a gap width of ${least} … 16 bits`, String(gapBits)) : gapBits;
}

export function readEntries(from: ByteReader, size: number): number {
  const entries = from.varint();
  return entries > size ? from.refuse(`at most ${size} entries`, String(entries)) : entries;
}
