/** Seeded chance and shape arithmetic: the same on every machine, and what the words say. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { axisOf, broadcast, broadcastStrides, stridesOf } from '../../src/base/shape.js';

describe('random', () => {
  test('a seed gives these words on every machine', () => {
    const random = new Random(7);
    expect(Array.from({ length: 4 }, () => random.word())).toMatchInlineSnapshot(`
      [
        210494603,
        711084892,
        3993689120,
        4089369890,
      ]
    `);
  });

  test('each path has a stream of its own, and the same one each time', () => {
    const first = (...path: (string | number)[]) => Random.of(7, ...path).word();
    expect(first('shuffle', 1)).toBe(first('shuffle', 1));
    const words = [first('shuffle', 1), first('shuffle', 2), first('augment', 1), Random.of(8, 'shuffle', 1).word()];
    expect(new Set(words).size).toBe(4);
  });

  test('goes on from a state as if it had never stopped', () => {
    const random = new Random(3);
    random.normal();
    const copy = new Random(random.state());
    expect(Array.from({ length: 9 }, () => copy.word())).toEqual(Array.from({ length: 9 }, () => random.word()));
  });

  test('below is even, normal has mean 0 and variance 1', () => {
    const random = new Random(5);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]!++;
    for (const c of counts) expect(Math.abs(c - 10_000)).toBeLessThan(5 * Math.sqrt(10_000 * (5 / 6))); // five standard deviations
    const list = Array.from({ length: 60_000 }, () => random.normal());
    const mean = list.reduce((a, b) => a + b) / list.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(list.length));
    expect(Math.abs(list.reduce((s, x) => s + (x - mean) ** 2, 0) / list.length - 1)).toBeLessThan(5 * Math.sqrt(2 / list.length));
  });

  test('shuffle keeps every element', () => {
    expect([...new Random(1).shuffle(Uint8Array.from({ length: 50 }, (_, i) => i))].toSorted((a, b) => a - b)).toEqual([
      ...Array(50).keys(),
    ]);
  });
});

describe('shapes', () => {
  const dims = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

  test('a shape broadcasts with itself, with 1s and with what is missing', () => {
    fc.assert(
      fc.property(dims, (shape) => {
        expect(broadcast(shape, shape)).toEqual(shape);
        expect(
          broadcast(
            shape,
            shape.map(() => 1),
          ),
        ).toEqual(shape);
        expect(broadcast(shape, [])).toEqual(shape);
        expect(broadcastStrides(shape, shape)).toEqual(stridesOf(shape).map((s, i) => (shape[i] === 1 ? 0 : s)));
      }),
      { seed: 7 },
    );
  });

  test('shapes that do not fit are refused, and so are axes outside', () => {
    expect(() => broadcast([2, 3], [2])).toThrow(expect.objectContaining({ code: 'input.broadcast' }));
    expect(axisOf(-1, 3)).toBe(2);
    for (const axis of [3, -4, 0.5]) expect(() => axisOf(axis, 3)).toThrow(expect.objectContaining({ code: 'input.axis' }));
  });
});
