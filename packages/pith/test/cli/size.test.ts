import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest } from '../../src/base/closest.js';
import { PithError } from '../../src/base/errors.js';
import { parseSize } from '../../src/cli/size.js';

const original = 1_724_320;

test.each([
  ['2200', 2200],
  ['2200B', 2200],
  ['44kB', 44_000],
  [' 44 kB ', 44_000],
  ['44.2kB', 44_200],
  ['1.001kB', 1001],
  ['1.5MB', 1_500_000],
  ['2GB', 2_000_000_000],
  ['44KiB', 45_056],
  ['1MiB', 1_048_576],
  ['40x', 43_108],
  ['40×', 43_108],
  ['1x', original],
  ['47.5x', 36_301],
])('%j is %d bytes', (text, bytes) => expect(parseSize(text, original)).toBe(bytes));

test.each([
  ['44KB', 'did you mean 44kB?'],
  ['44kb', 'did you mean 44kB?'],
  ['44k', 'did you mean 44kB?'],
  ['1.5M', 'did you mean 1.5MB?'],
  ['1.5mb', 'did you mean 1.5MB?'],
  ['44kib', 'did you mean 44KiB?'],
  ['40X', 'did you mean 40x?'],
  ['1,5MB', 'did you mean 1.5MB?'],
  ['1,724,320', 'did you mean 1724320?'],
  ['2.5', 'did you mean 2.5kB?'],
  ['0.025x', 'did you mean 40x?'],
  ['44 parsecs', undefined],
  ['', undefined],
  ['kB', undefined],
  ['-3kB', undefined],
  ['0', undefined],
  ['0kB', undefined],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['9999999999999999999', undefined],
  ['999999999999999GB', undefined],
  ['9999999x', undefined],
  [`${'9'.repeat(1e5)}kB`, undefined],
  ['\u001b[31m', undefined],
])('%j is refused', (text, fix) => {
  const error = caught(() => parseSize(text, original));
  expect(error).toMatchObject({ code: 'usage.size', detail: fix === undefined ? {} : { fix } });
  if (fix === undefined) expect(error.detail.fix).toBeUndefined();
  expect(error.message.length).toBeLessThan(300);
});

test('A ratio needs an original', () => expect(() => parseSize('40x')).toThrow(/no original/));

test('Any text is a size in whole bytes, or refused as such', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,3}[.,]?\d{0,4} ?[kKMGixB]{0,3}$/)), (text) => {
      try {
        const bytes = parseSize(text, original);
        return Number.isSafeInteger(bytes) && bytes >= 1;
      } catch (error) {
        return error instanceof PithError && error.code === 'usage.size';
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('The closest word is near, and the first of equals', () => {
  expect(closest('comprss', ['train', 'compress', 'decode'])).toBe('compress');
  expect(closest('Decode', ['train', 'compress', 'decode'])).toBe('decode');
  expect(closest('ab', ['ax', 'ay'])).toBe('ax');
  expect(closest('banana', ['train', 'compress'])).toBeUndefined();
  expect(closest('x'.repeat(1e6), ['train'])).toBeUndefined();
});

function caught(call: () => unknown): PithError {
  try {
    call();
  } catch (error) {
    if (error instanceof PithError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
