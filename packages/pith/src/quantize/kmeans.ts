/**
 * One-dimensional k-means (Lloyd, 1982) for weight sharing, with the three initialisations of Deep Compression (Han et al., 2016,
 * section 3.2). Works on sorted values with prefix sums, so an iteration costs k binary searches. Plain double arithmetic in a fixed order.
 */
import { PithError } from '../base/errors.js';
import type { Random } from '../base/random.js';

export type Initialisation = 'linear' | 'density' | 'random';

export interface KMeansOptions {
  readonly clusters: number;
  readonly initialisation: Initialisation;
  /** 100 unless said; it ends sooner where nothing moves. */
  readonly iterations?: number;
  /** For the random initialisation. */
  readonly random: Random;
}

export interface Clustering {
  /** Centroids, ascending; clusters that nothing belongs to are dropped, so there may be fewer than asked for. */
  readonly centroids: Float32Array;
  /** Cluster of each value, in the order of the values. */
  readonly index: Uint16Array;
  /** Sum of squared distances to the centroids (as float32). */
  readonly loss: number;
}

/** Throws `usage.clusters`. */
export function kmeans(values: Float32Array, { clusters, initialisation, iterations = 100, random }: KMeansOptions): Clustering {
  if (!Number.isInteger(clusters) || clusters < 1 || clusters > 65535)
    throw new PithError('usage.clusters', { expected: '1 … 65535 clusters', got: String(clusters) });
  if (values.length === 0) return { centroids: new Float32Array(0), index: new Uint16Array(0), loss: 0 };
  const sorted = Float64Array.from(values).sort();
  const prefix = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) prefix[i + 1] = prefix[i]! + sorted[i]!;
  let centroids = start(sorted, Math.min(clusters, sorted.length), initialisation, random);
  for (let round = 0; round < iterations; round++) {
    const next = update(sorted, prefix, centroids);
    const moved = next.some((c, i) => c !== centroids[i]);
    centroids = next;
    if (!moved) break;
  }
  return assign(values, centroids);
}

function start(sorted: Float64Array, k: number, initialisation: Initialisation, random: Random): Float64Array {
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  switch (initialisation) {
    case 'linear':
      return Float64Array.from({ length: k }, (_, i) => (k === 1 ? (low + high) / 2 : low + ((high - low) * i) / (k - 1)));
    case 'density':
      return Float64Array.from({ length: k }, (_, i) => sorted[Math.floor(((i + 0.5) / k) * sorted.length)]!);
    case 'random': {
      const places = random.shuffle(Uint32Array.from({ length: sorted.length }, (_, i) => i)).subarray(0, k);
      return Float64Array.from(places, (i) => sorted[i]!).sort();
    }
  }
}

/** The first position in `sorted` whose value is at least `x`. */
function lowerBound(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each centroid to the mean of the values nearest to it; one that nothing is nearest to stays. */
function update(sorted: Float64Array, prefix: Float64Array, centroids: Float64Array): Float64Array {
  let from = 0;
  return centroids.map((c, i) => {
    const to = i + 1 < centroids.length ? lowerBound(sorted, (c + centroids[i + 1]!) / 2) : sorted.length;
    const mean = to > from ? (prefix[to]! - prefix[from]!) / (to - from) : c;
    from = Math.max(from, to);
    return mean;
  });
}

/** Nearest centroid of each value; empty clusters are dropped. */
function assign(values: Float32Array, centroids: Float64Array): Clustering {
  const table = Float32Array.from(new Set(Float32Array.from(centroids))).sort();
  const borders = Float64Array.from({ length: table.length - 1 }, (_, i) => (table[i]! + table[i + 1]!) / 2);
  const nearest = Uint16Array.from(values, (w) => upperBound(borders, w));
  const used = new Uint8Array(table.length);
  for (const k of nearest) used[k] = 1;
  const place = new Uint16Array(table.length);
  let count = 0;
  for (let k = 0; k < table.length; k++) if (used[k]) place[k] = count++;
  const kept = table.filter((_, k) => used[k] === 1);
  const index = nearest.map((k) => place[k]!);
  return { centroids: kept, index, loss: values.reduce((sum, w, i) => sum + (w - kept[index[i]!]!) ** 2, 0) };
}

/** How many borders are at most x. */
function upperBound(borders: Float64Array, x: number): number {
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (borders[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
