/** SHA-256 against the vectors of FIPS 180-4 and against Node's own. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/codec/sha256.js';
import { random } from '../help/models.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('the examples of FIPS 180-4', () => {
  expect(hex(sha256(new TextEncoder().encode('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hex(sha256(new Uint8Array(0)))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('every length around the blocks, and a long one', () => {
  const next = random(3);
  for (const length of [...Array.from({ length: 200 }, (_, i) => i), 1_000_003]) {
    const bytes = Uint8Array.from({ length }, () => next() * 256);
    expect(hex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});
