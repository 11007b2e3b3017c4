/** Hexadecimal digits against Node's own reading of them. */
import { expect, test } from 'vitest';
import { bytesOfHex } from '../../src/codec/hex.js';

test('every byte, and none', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(bytesOfHex(Buffer.from(all).toString('hex'))).toEqual(all);
  expect(bytesOfHex('')).toEqual(new Uint8Array(0));
});
