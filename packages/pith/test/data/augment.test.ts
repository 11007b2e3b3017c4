import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { turn } from '../../src/data/angle.js';
import { sampler } from '../../src/data/augment/affine.js';
import { type AugmentSpec, augmenter, formatAugment, parseAugment } from '../../src/data/augment/augment.js';
import { policies } from '../../src/data/augment/list.js';
import { SampleRandom } from '../../src/data/sample-random.js';
import { errorOf } from './support.js';

const shape = { channels: 2, height: 7, width: 9 };
const size = 2 * 7 * 9;
const image = Float32Array.from({ length: size }, (_, i) => ((i * 37) % 251) + 1);
const random = () => new SampleRandom();
const apply = (spec: AugmentSpec | string, index = 0) => {
  const changed = augmenter(parseAugment(spec), shape)(image, 0, random().seed(5, 0, index));
  return changed && Float32Array.from(changed);
};
const at = (planes: Float32Array, c: number, y: number, x: number) =>
  y < 0 || y >= 7 || x < 0 || x >= 9 ? 0 : planes[(c * 7 + y) * 9 + x]!;

/** Every move of the image by whole pixels within reach, filled with 0. */
const moved = (dx: number, dy: number) =>
  Float32Array.from({ length: size }, (_, i) => at(image, Math.floor(i / 63), Math.floor((i % 63) / 9) - dy, (i % 9) - dx));

/** Settings under which a policy surely changes a picture. */
const strong = {
  affine: { rotate: 30, scale: 0.3, shear: 0.3, shift: 2 },
  crop: { pad: 3 },
  drop: { chance: 0.5 },
  flip: { chance: 1 },
  noise: { sigma: 20 },
  shift: { x: 2, y: 2 },
} as const satisfies AugmentSpec;

describe('every policy', () => {
  expect(Object.keys(strong).sort()).toEqual(Object.keys(policies).sort());
  for (const name of Object.keys(policies) as (keyof typeof policies)[]) {
    test(`${name} changes the picture, the same way for the same stream, differently for others`, () => {
      const results = Array.from({ length: 20 }, (_, index) => String(apply({ [name]: strong[name] }, index) ?? image));
      expect(results).toEqual(Array.from({ length: 20 }, (_, index) => String(apply({ [name]: strong[name] }, index) ?? image)));
      expect(results.filter((result) => result !== String(image)).length).toBeGreaterThan(15);
      if (name !== 'flip') expect(new Set(results).size).toBeGreaterThan(8);
    });

    test(`${name} accepts its defaults and refuses a setting that nobody knows`, async () => {
      expect(parseAugment(name)).toMatchObject({ [name]: {}, clean: 0 });
      expect((await errorOf(() => parseAugment(`${name}:sise=3`))).code).toBe('usage.augment');
    });

    test(`${name} leaves its source alone`, () => {
      const before = Float32Array.from(image);
      for (let i = 0; i < 10; i++) apply({ [name]: strong[name] }, i);
      expect(image).toEqual(before);
    });
  }
});

describe('geometry', () => {
  for (const spec of ['shift:x=2,y=1', 'crop:pad=2'] as const)
    test(`${spec} gives moves by whole pixels only, and every one of them`, () => {
      const [rx, ry] = spec === 'crop:pad=2' ? [2, 2] : [2, 1];
      const all = new Set<string>();
      for (let dx = -rx; dx <= rx; dx++) for (let dy = -ry; dy <= ry; dy++) all.add(String(moved(dx, dy)));
      const seen = new Set(Array.from({ length: 400 }, (_, index) => String(apply(spec, index) ?? image)));
      expect(seen).toEqual(all);
    });

  test('edge and reflect fill from the picture', () => {
    for (let index = 0; index < 60; index++) {
      expect(apply('crop:pad=3,fill=edge', index)?.includes(0)).not.toBe(true);
      expect(apply('crop:pad=3,fill=reflect', index)?.includes(0)).not.toBe(true);
    }
    expect(Array.from({ length: 60 }, (_, index) => apply('crop:pad=3', index)?.includes(0))).toContain(true);
  });

  test('flip mirrors rows, half of the time by default', () => {
    const mirrored = Float32Array.from({ length: size }, (_, i) => image[i - (i % 9) + 8 - (i % 9)]!);
    expect(apply('flip:chance=1')).toEqual(mirrored);
    const flipped = Array.from({ length: 1000 }, (_, index) => apply('flip', index)).filter((result) => result).length;
    expect(Math.abs(flipped - 500)).toBeLessThan(80); // five standard deviations
  });

  test('affine with nothing to do gives the same picture', () => {
    expect(apply('affine')).toEqual(image);
  });

  test('sampling at whole pixels moves, a quarter turn turns, half a pixel averages', () => {
    const to = new Float32Array(size);
    sampler(shape, 'zero')(image, to, 1, 0, 0, 1, 2, -1);
    expect(to).toEqual(moved(-2, 1));
    const square = { channels: 1, height: 3, width: 3 };
    const nine = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const { cos, sin } = turn(Math.PI / 2);
    const turned = new Float32Array(9);
    sampler(square, 'zero')(nine, turned, cos, -sin, sin, cos, 0, 0);
    expect([...turned].map(Math.round)).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    sampler(square, 'zero')(nine, turned, 1, 0, 0, 1, 0.5, 0);
    expect([...turned]).toEqual([1.5, 2.5, 1.5, 4.5, 5.5, 3, 7.5, 8.5, 4.5]);
    sampler(square, 'edge')(nine, turned, 1, 0, 0, 1, 0.5, 0);
    expect([...turned]).toEqual([1.5, 2.5, 3, 4.5, 5.5, 6, 7.5, 8.5, 9]);
  });

  const entry = fc.double({ min: -1.5, max: 1.5, noNaN: true });
  test('affine draws the bilinear value of where it looks: the slow way agrees', () => {
    fc.assert(
      fc.property(fc.tuple(entry, entry, entry, entry), fc.constantFrom('zero' as const, 'edge' as const), ([a, b, c, d], fill) => {
        const to = new Float32Array(size);
        sampler(shape, fill)(image, to, a, b, c, d, 0.3, -0.7);
        const tap = (ch: number, y: number, x: number) =>
          fill === 'zero' ? at(image, ch, y, x) : at(image, ch, Math.min(6, Math.max(0, y)), Math.min(8, Math.max(0, x)));
        for (let i = 0; i < size; i++) {
          const [ch, y, x] = [Math.floor(i / 63), Math.floor((i % 63) / 9) - 3, (i % 9) - 4];
          const [sx, sy] = [4 + a * x + b * y + 0.3, 3 + c * x + d * y - 0.7];
          let sum = 0;
          for (const ky of [0, 1])
            for (const kx of [0, 1]) {
              const [ty, tx] = [Math.floor(sy) + ky, Math.floor(sx) + kx];
              sum += tap(ch, ty, tx) * Math.max(0, 1 - Math.abs(sx - tx)) * Math.max(0, 1 - Math.abs(sy - ty));
            }
          // Positions are summed up along a row: a few roundings of double times the largest step between pixels.
          expect(Math.abs(to[i]! - sum)).toBeLessThan(1e-4);
        }
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});

describe('noise', () => {
  test('has the mean and deviation that it says', () => {
    const many = { channels: 1, height: 200, width: 200 };
    const noisy = augmenter(parseAugment('noise:sigma=10'), many)(new Float32Array(40_000), 0, random().seed(1, 2, 3))!;
    const mean = noisy.reduce((sum, v) => sum + v, 0) / 40_000;
    const deviation = Math.sqrt(noisy.reduce((sum, v) => sum + v * v, 0) / 40_000);
    expect(Math.abs(mean)).toBeLessThan(0.25); // five standard errors
    expect(Math.abs(deviation - 10)).toBeLessThan(0.18);
  });

  test('drop blackens whole pixels, as often as it says', () => {
    let black = 0;
    for (let index = 0; index < 200; index++) {
      const result = apply('drop:chance=0.3', index)!;
      for (let i = 0; i < 63; i++) {
        expect(result[i] === 0).toBe(result[63 + i] === 0);
        black += result[i] === 0 ? 1 : 0;
      }
    }
    expect(Math.abs(black / (200 * 63) - 0.3)).toBeLessThan(0.021); // five standard errors
  });
});

describe('specs', () => {
  test('leave a fraction clean', () => {
    const clean = Array.from({ length: 1000 }, (_, index) => apply('noise;clean=0.25', index)).filter((result) => !result).length;
    expect(Math.abs(clean - 250)).toBeLessThan(70);
    expect(apply('noise;clean=1')).toBeUndefined();
  });

  for (const text of [
    '',
    'flip',
    'affine:rotate=6,scale=0.07,shear=0.07,shift=0.8;clean=0.25',
    ' crop : pad = 2 , fill = reflect ; noise:sigma=1e1;',
  ])
    test(`"${text}" is written and read back`, () => {
      const parsed = parseAugment(text);
      expect(parseAugment(formatAugment(parsed))).toEqual(parsed);
    });

  test('are applied in one order, however they are written', () => {
    for (let index = 0; index < 10; index++) expect(apply('noise;flip;shift:x=1', index)).toEqual(apply('shift:x=1;noise;flip', index));
  });

  test('may be objects', () => {
    expect(parseAugment({ affine: { rotate: 6 }, clean: 0.25 })).toEqual(parseAugment('affine:rotate=6;clean=0.25'));
  });

  for (const text of [
    'spin',
    'affine:rotate=200',
    'affine:rotate',
    'crop:pad=1.5',
    'clean=2',
    'clean',
    'flip;flip',
    'noise:sigma=x',
    '__proto__:a=1',
    'affine:rotate=1,rotate=2',
  ])
    test(`"${text}" is refused`, async () => {
      expect((await errorOf(() => parseAugment(text))).code).toBe('usage.augment');
    });
});

test('turn agrees with Math.sin and Math.cos to the last bits', () => {
  for (let a = -10; a <= 10; a += 0.0137) {
    const { cos, sin } = turn(a);
    expect(Math.abs(cos - Math.cos(a))).toBeLessThan(2e-15); // reducing ±10 by quarter turns costs about 3 · 2^-51
    expect(Math.abs(sin - Math.sin(a))).toBeLessThan(2e-15);
  }
});

test('streams of neighbouring samples are unrelated and evenly spread', () => {
  const stream = random();
  const first = Array.from({ length: 20_000 }, (_, index) => stream.seed(1, 0, index).unit());
  expect(Math.abs(first.reduce((sum, v) => sum + v, 0) / 20_000 - 0.5)).toBeLessThan(0.0102); // five standard errors
  const products = first.slice(1).reduce((sum, v, i) => sum + (v - 0.5) * (first[i]! - 0.5), 0) / 19_999;
  expect(Math.abs(products)).toBeLessThan(5 / (12 * Math.sqrt(20_000)));
  expect(new Set(first).size).toBeGreaterThan(19_990);
});
