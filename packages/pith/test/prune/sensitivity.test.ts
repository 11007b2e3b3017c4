import { expect, test } from 'vitest';
import { type ScanOptions, sensitivityScan } from '../../src/prune/sensitivity.js';

const weights = Float32Array.from({ length: 100 }, (_, i) => i + 1);
const layers = [
  { name: 'tender', weights },
  { name: 'tough', weights },
];

/** A network whose error is the share of a layer that is gone, times how much that layer matters. */
const options = (tolerance: number, asked: string[] = []): ScanOptions => ({
  layers,
  criterion: 'magnitude',
  densities: [0.8, 0.5, 0.2, 0.1],
  tolerance,
  errorWith: async (layer, changed) => {
    asked.push(layer ?? 'reference');
    const gone = changed ? changed.filter((w) => w === 0).length / changed.length : 0;
    return 0.01 + gone * (layer === 'tender' ? 1 : 0.01);
  },
});

test('each layer keeps the smallest share whose error rises by no more than the tolerance', async () => {
  const scans = await sensitivityScan(options(0.5));
  expect(scans.map((s) => [s.layer, s.density])).toEqual([
    ['tender', 0.5],
    ['tough', 0.1],
  ]);
});

test('a scan ends with the first share that costs too much, and a layer that bears nothing keeps all', async () => {
  const asked: string[] = [];
  const scans = await sensitivityScan(options(0.1, asked));
  expect(scans[0]).toMatchObject({ density: 1, measured: [{ density: 0.8 }] });
  expect(asked.filter((name) => name === 'tender')).toHaveLength(1);
});

test('shares that do not fall are refused', async () => {
  await expect(sensitivityScan({ ...options(0.1), densities: [0.5, 0.5] })).rejects.toMatchObject({ code: 'usage.prune' });
  await expect(sensitivityScan({ ...options(0.1), densities: [1] })).rejects.toMatchObject({ code: 'usage.prune' });
});
