/**
 * Relative positions of the non-zeros of a sparse tensor, as Deep Compression stores them (Han, Mao and Dally, 2016, section 2 and
 * figure 2): of each non-zero the number of zeros since the entry before, in b bits. Where that gap is above 2^b − 1 a filler zero is
 * inserted: an entry with the greatest gap whose value is zero.
 */
import { PithError } from '../errors.js';

export interface Gaps {
  /** For each entry, fillers included, the zeros before it: 0 … 2^b − 1. */
  readonly gaps: Uint16Array;
  /** For each entry the number of its non-zero, or −1 for a filler. */
  readonly source: Int32Array;
}

/** Entries, fillers included, that `positions` (ascending) need at this width. */
export function entriesOf(positions: Uint32Array, gapBits: number): number {
  let entries = positions.length;
  for (let i = 0, next = 0; i < positions.length; i++) {
    entries += Math.floor((positions[i]! - next) / 2 ** gapBits);
    next = positions[i]! + 1;
  }
  return entries;
}

/** `gapBits`: 1 … 16. */
export function toGaps(positions: Uint32Array, gapBits: number): Gaps {
  const reach = 2 ** gapBits;
  const gaps = new Uint16Array(entriesOf(positions, gapBits));
  const source = new Int32Array(gaps.length);
  for (let i = 0, at = 0, next = 0; i < positions.length; i++) {
    let gap = positions[i]! - next;
    for (; gap >= reach; gap -= reach) {
      gaps[at] = reach - 1;
      source[at++] = -1;
    }
    gaps[at] = gap;
    source[at++] = i;
    next = positions[i]! + 1;
  }
  return { gaps, source };
}

/**
 * Turns gaps into positions in place and drops the fillers: `isFiller(i)` says which entries they are, `keep(from, to)` moves the value
 * of an entry. Returns how many non-zeros there are. Throws `input.pith-positions` where one lies outside the `size` elements, a filler
 * has another gap than the greatest, or nothing follows a filler.
 */
export function fromGaps(
  gaps: Uint32Array,
  gapBits: number,
  size: number,
  entry: { readonly isFiller: (i: number) => boolean; readonly move: (from: number, to: number) => void },
): number {
  let next = 0;
  let kept = 0;
  let filler = false;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i]!;
    const position = next + gap;
    if (position >= size) refuse(`positions below ${size}`, String(position));
    filler = entry.isFiller(i);
    if (filler) {
      if (gap !== 2 ** gapBits - 1) refuse(`a gap of ${2 ** gapBits - 1} at a filler`, String(gap));
    } else {
      entry.move(i, kept);
      gaps[kept++] = position;
    }
    next = position + 1;
  }
  if (filler) refuse('a non-zero after the last filler', 'none');
  return kept;
}

function refuse(expected: string, got: string): never {
  throw new PithError('input.pith-positions', { expected, got });
}
