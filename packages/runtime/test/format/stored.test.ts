/** Forms in which weights are held, against the form that they were decoded to. */
import { expect, test } from 'vitest';
import { densify, type SharedStored, slim } from '../../src/format/stored.js';
import { transposed } from '../../src/operators/transposed.js';

const shared = (clusters: number): SharedStored => ({
  kind: 'shared',
  dims: [30, 20],
  codebook: Float32Array.from({ length: clusters }, (_, i) => i / 7),
  positions: null,
  index: Uint16Array.from({ length: 600 }, (_, i) => (i * 251) % clusters),
  gapBits: 0,
});

test.each([
  [2, Uint8Array],
  [256, Uint8Array],
  [257, Uint16Array],
])('%i shared values are held without loss, also on their side', (clusters, form) => {
  const stored = shared(clusters);
  const held = slim(stored) as SharedStored;
  expect(held.index).toBeInstanceOf(form);
  expect(densify(held)).toEqual(densify(stored));
  expect(densify(transposed(held))).toEqual(densify(transposed(stored)));
});

test('bytes that fill their buffer are held as they are, those that fill a part of it without the rest', () => {
  const full = { ...shared(4), index: new Uint8Array(600).fill(3) };
  expect(slim(full)).toBe(full);
  const part = { ...full, index: new Uint8Array(6000).subarray(0, 600).fill(3) };
  const held = slim(part) as SharedStored;
  expect(held).toEqual(part);
  expect(held.index.buffer.byteLength).toBe(600);
});
