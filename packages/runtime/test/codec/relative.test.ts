import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entriesOf, fromGaps, toGaps } from '../../src/codec/relative.js';

/** Positions from gaps, with the number of each entry as its value. */
function back(gaps: Uint16Array, source: Int32Array, gapBits: number, size: number): { positions: number[]; order: number[] } {
  const places = Uint32Array.from(gaps);
  const order = Uint32Array.from(source, (i) => i + 1);
  const kept = fromGaps(places, order, { gapBits, size, coded: true });
  return { positions: Array.from(places.subarray(0, kept)), order: Array.from(order.subarray(0, kept)) };
}

test('figure 2 of Deep Compression: a filler where the span exceeds 8 with three bits', () => {
  // non-zeros at 1, 4 and 15: distances 3 and 11, of which the second needs a filler 8 further on
  const { gaps, source } = toGaps(Uint32Array.of(1, 4, 15), 3);
  expect(Array.from(gaps, (gap) => gap + 1)).toEqual([2, 3, 8, 3]);
  expect(Array.from(source)).toEqual([0, 1, -1, 2]);
});

test.each([
  { gapBits: 3, gap: 7, fillers: 0 },
  { gapBits: 3, gap: 8, fillers: 1 },
  { gapBits: 3, gap: 15, fillers: 1 },
  { gapBits: 3, gap: 16, fillers: 2 },
  { gapBits: 8, gap: 255, fillers: 0 },
  { gapBits: 8, gap: 256, fillers: 1 },
])('$gap zeros at $gapBits bits take $fillers fillers', ({ gapBits, gap, fillers }) => {
  expect(entriesOf(Uint32Array.of(gap), gapBits)).toBe(1 + fillers);
  expect(toGaps(Uint32Array.of(gap), gapBits).gaps.length).toBe(1 + fillers);
});

test('positions come back, values in their order, whatever the width', () => {
  const cases = fc.tuple(fc.uniqueArray(fc.nat(2000), { maxLength: 200 }), fc.integer({ min: 1, max: 16 }));
  fc.assert(
    fc.property(cases, ([list, gapBits]) => {
      const positions = Uint32Array.from(list).sort();
      const { gaps, source } = toGaps(positions, gapBits);
      expect(gaps.length).toBe(entriesOf(positions, gapBits));
      const { positions: got, order } = back(gaps, source, gapBits, 2001);
      expect(got).toEqual(Array.from(positions));
      expect(order).toEqual(list.map((_, i) => i));
    }),
    { seed: 7 },
  );
});
