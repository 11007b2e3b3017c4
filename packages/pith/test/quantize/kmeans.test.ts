import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { type Initialisation, kmeans } from '../../src/quantize/kmeans.js';

const seed = 7;
const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }), { minLength: 1, maxLength: 80 });
const random = () => Random.of(seed, 'k-means test');

/** The slow definition: assign to the nearest, move to the mean, until nothing moves. */
function lloyd(list: readonly number[], start: readonly number[]): number[] {
  let centroids = [...start];
  for (let round = 0; round < 100; round++) {
    const sums = centroids.map(() => ({ sum: 0, count: 0 }));
    for (const w of list) {
      let best = 0;
      for (let k = 1; k < centroids.length; k++) if (Math.abs(w - centroids[k]!) <= Math.abs(w - centroids[best]!)) best = k;
      sums[best]!.sum += w;
      sums[best]!.count++;
    }
    const next = centroids.map((c, k) => (sums[k]!.count ? sums[k]!.sum / sums[k]!.count : c));
    if (next.every((c, k) => c === centroids[k])) break;
    centroids = next;
  }
  return centroids;
}

test('agrees with the slow definition from a linear start', () => {
  const r = random();
  const list = Array.from({ length: 400 }, () => Math.fround(r.normal()));
  const [low, high] = [Math.min(...list), Math.max(...list)];
  const slow = lloyd(
    list,
    Array.from({ length: 8 }, (_, i) => low + ((high - low) * i) / 7),
  );
  const { centroids } = kmeans(Float32Array.from(list), { clusters: 8, initialisation: 'linear', random: random() });
  expect(centroids.length).toBe(8);
  const most = Math.max(...centroids.map((c, k) => Math.abs(c - slow[k]!)));
  expect(most).toBeLessThan(1e-6); // float32 codebook of float64 means
});

describe.each<Initialisation>(['linear', 'density', 'random'])('%s start', (initialisation) => {
  test('every value gets its nearest centroid, and every centroid has a value', () =>
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), (list, clusters) => {
        const w = Float32Array.from(list);
        const { centroids, index } = kmeans(w, { clusters, initialisation, random: random() });
        expect(centroids.length).toBeLessThanOrEqual(clusters);
        expect(new Set(index).size).toBe(centroids.length);
        w.forEach((v, i) => {
          const mine = Math.abs(v - centroids[index[i]!]!);
          for (const c of centroids) expect(mine).toBeLessThanOrEqual(Math.abs(v - c) + 1e-6); // borders are means of two float32 values
        });
      }),
      { seed, numRuns: 150 },
    ));

  test('a single value that many weights share is kept exactly', () => {
    expect(kmeans(Float32Array.of(1, 1, 1), { clusters: 4, initialisation, random: random() })).toMatchObject({ loss: 0 });
  });
});

test('more clusters never fit worse from a density start on sorted normal values', () => {
  const r = random();
  const w = Float32Array.from({ length: 2000 }, () => r.normal());
  const losses = [1, 2, 4, 8, 16, 32].map((clusters) => kmeans(w, { clusters, initialisation: 'density', random: random() }).loss);
  for (let i = 1; i < losses.length; i++) expect(losses[i]!).toBeLessThan(losses[i - 1]!);
});

test('no values make an empty codebook, and silly numbers of clusters are refused', () => {
  expect(kmeans(new Float32Array(0), { clusters: 4, initialisation: 'linear', random: random() }).centroids.length).toBe(0);
  for (const clusters of [0, -1, 1.5, 70_000])
    expect(() => kmeans(Float32Array.of(1), { clusters, initialisation: 'linear', random: random() })).toThrow(
      expect.objectContaining({ code: 'usage.clusters' }),
    );
});
