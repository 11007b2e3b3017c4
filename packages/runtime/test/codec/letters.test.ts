/** Letters of WebAssembly against the bytes that they were made of. */
import { expect, test } from 'vitest';
import { lettersOf } from '../../../../scripts/letters.js';
import { bytesOfLetters } from '../../src/codec/letters.js';

test('every byte, and none', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(bytesOfLetters(lettersOf(all))).toEqual(all);
  expect(bytesOfLetters('')).toEqual(new Uint8Array(0));
});

test('more bytes than a page of memory has, of letters that need no escape in a string', () => {
  const many = Uint8Array.from({ length: 100_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const text = lettersOf(many);
  expect(text).toMatch(/^[^"$'\\`]*$/);
  expect(Buffer.compare(bytesOfLetters(text), many)).toBe(0);
});
