import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/codec/crc32.js';
import { TextModel } from '../../src/codec/engine/text-model.js';
import { decodeText, encodeText, knots, known, longestText, weights } from '../../src/codec/text.js';
import { errorOf } from '../help/expect-code.js';

const utf8 = new TextEncoder();

describe('text coder', () => {
  test('gives back any bytes', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string().map((text) => utf8.encode(text)),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        expect(decodeText(encodeText(bytes), bytes.length)).toEqual(bytes);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  test.each([
    ['names of layers', Array.from({ length: 9 }, (_, i) => `layer${i}.conv1.weight layer${i}.bn1.gamma`).join(' '), 0.25],
    ['a recipe', '{"version":1,"seed":11,"steps":[{"use":"prune","ratio":0.9},{"use":"share","bits":{"conv":8,"fc":5}}]}', 0.35],
    ['256 different bytes', String.fromCharCode(...Array.from({ length: 128 }, (_, i) => i)), 1.1],
  ])('takes %s to a share of %#', (_, text, share) => {
    const bytes = utf8.encode(text);
    expect(encodeText(bytes).length).toBeLessThanOrEqual(Math.ceil(bytes.length * share));
  });

  test('survives any coded bytes: an error or so many bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(3000), (coded, length) => {
        try {
          expect(decodeText(coded, length).length).toBe(length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'input.pith-code' });
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  describe('begins as if it had learned the known text bit by bit', () => {
    const model = () => new TextModel(Int32Array.from(knots));
    /** What it foretells of each bit of these bytes, which it learns. */
    const foretold = (of: TextModel, bytes: Uint8Array): number[] =>
      Array.from(bytes).flatMap((byte) =>
        Array.from({ length: 8 }, (_, i) => {
          const chance = of.predict();
          of.learn((byte >> (7 - i)) & 1);
          return chance;
        }),
      );
    const begun = (with_: readonly number[]): TextModel => {
      const made = model();
      made.begin(known(), known().length, Int32Array.from(with_), 0);
      return made;
    };
    const taught = model();
    foretold(taught, known());
    const more = utf8.encode('conv7.weight {"seed":7} and what was never seen');
    const expected = foretold(taught, more);

    test('with the weights that it then has', () => {
      expect(foretold(begun(weights), more)).toEqual(expected);
    });

    test('and not with others', () => {
      expect(foretold(begun(weights.toReversed()), more)).not.toEqual(expected);
    });
  });

  test('does no more work than its input is long', () => {
    expect(errorOf(() => decodeText(new Uint8Array(0), longestText(0) + 1)).code).toBe('input.pith-code');
  });
});

test('CRC-32 has its check value and sees every flipped byte', () => {
  const bytes = utf8.encode('123456789');
  expect(crc32(bytes)).toBe(0xcbf43926);
  for (let i = 0; i < bytes.length; i++)
    for (let flip = 1; flip < 256; flip++) {
      const copy = bytes.slice();
      copy[i]! ^= flip;
      expect(crc32(copy)).not.toBe(0xcbf43926);
    }
});
