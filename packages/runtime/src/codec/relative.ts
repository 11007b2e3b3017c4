/**
 * Relative positions of the non-zeros of a sparse tensor, as Deep Compression stores them (Han, Mao and Dally, 2016, section 2 and
 * figure 2): of each non-zero the number of zeros since the entry before, in b bits. Where that gap is above 2^b − 1 a filler zero is
 * inserted: an entry with the greatest gap whose value is zero.
 */
import { PithError } from '../errors.js';
import type { Symbols } from './coder.js';
import { slabLength } from './engine/core.js';
import { engineFor } from './engine/engine.js';
import { minusZero, outside, shortFiller } from './engine/gaps.js';

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
 * Turns gaps into positions in place and drops the fillers, entries whose value is 0, with their values. `coded`: values count from 1 and
 * then from 0; without it they are bits of floats. Gives how many non-zeros there are. Throws `input.pith-positions` where one lies outside
 * the `size` elements, a filler has another gap than the greatest, or nothing follows a filler; `input.pith-value` for a float of −0.
 */
export function fromGaps(
  gaps: Uint32Array,
  values: Symbols,
  { gapBits, size, coded }: { readonly gapBits: number; readonly size: number; readonly coded: boolean },
  engine = engineFor(0),
): number {
  const greatest = 2 ** gapBits - 1;
  let kept = 0;
  engine.gapsStart();
  for (let from = 0; from < gaps.length; from += slabLength) {
    const now = Math.min(slabLength, gaps.length - from);
    engine.slab.set(gaps.subarray(from, from + now));
    engine.other.set(values.subarray(from, from + now));
    const found = engine.gapsExpand(now, greatest, size, coded ? 1 : 0);
    if (found === outside) refuse(`positions below ${size}`, 'one beyond');
    if (found === shortFiller) refuse(`a gap of ${greatest} at a filler`, 'a smaller one');
    if (found === minusZero) throw new PithError('input.pith-value', { expected: 'a kept weight that is not zero', got: '-0' });
    gaps.set(engine.slab.subarray(0, found), kept);
    values.set(engine.other.subarray(0, found), kept);
    kept += found;
  }
  if (engine.gapsFiller() === 1) refuse('a non-zero after the last filler', 'none');
  return kept;
}

function refuse(expected: string, got: string): never {
  throw new PithError('input.pith-positions', { expected, got });
}
