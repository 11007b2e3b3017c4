/** SHA-256 against the vectors of FIPS 180-4 and against Node's own. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256, sha256 } from '../../src/codec/sha256.js';
import { random } from '../help/models.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('the examples of FIPS 180-4', () => {
  expect(hex(sha256([new TextEncoder().encode('abc')]))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hex(sha256([new Uint8Array(0)]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('every length around the blocks, and a long one', () => {
  const next = random(3);
  for (const length of [...Array.from({ length: 200 }, (_, i) => i), 1_000_003]) {
    const bytes = Uint8Array.from({ length }, () => next() * 256);
    expect(hex(sha256([bytes]))).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});

test('of bytes that come in pieces is that of the whole', () => {
  const next = random(4);
  const bytes = Uint8Array.from({ length: 2000 }, () => next() * 256);
  for (const size of [1, 2, 7, 63, 64, 65, 127, 128, 129, 1999]) {
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; at += size) hash.update(bytes.subarray(at, at + size));
    expect(hex(hash.digest())).toBe(hex(sha256([bytes])));
  }
});
