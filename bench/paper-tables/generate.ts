/** A network of weights with the statistics of a table of the paper, seeded. It is to be coded, not run: its graph has the layers alone. */
import { Random } from '../../packages/pith/dist/base/random.js';
import type { Model, SharedStored } from '../../packages/runtime/dist/index.js';
import { layersModel } from '../support/layers-model.js';
import type { PaperLayer, PaperTable } from './layers.js';
import { statisticsOf } from './statistics.js';

export interface Generated {
  readonly model: Model;
  readonly stored: ReadonlyMap<string, SharedStored>;
}

/** Draws k with the probability p[k] / Σp, by Walker's alias method. */
function drawer(p: Float64Array, random: Random): () => number {
  const n = p.length;
  const total = p.reduce((a, b) => a + b, 0);
  const share = p.map((x) => (x * n) / total);
  const alias = new Int32Array(n);
  const small = [...share.keys()].filter((k) => share[k]! < 1);
  const large = [...share.keys()].filter((k) => share[k]! >= 1);
  while (small.length > 0 && large.length > 0) {
    const [low, high] = [small.pop()!, large.at(-1)!];
    alias[low] = high;
    share[high]! -= 1 - share[low]!;
    if (share[high]! < 1) small.push(large.pop()!);
  }
  for (const k of [...small, ...large]) share[k] = 1;
  return () => {
    const k = random.below(n);
    return random.unit() < share[k]! ? k : alias[k]!;
  };
}

function storedOf(layer: PaperLayer, random: Random): SharedStored {
  const { gaps, values } = statisticsOf(layer);
  const size = layer.dims.reduce((a, b) => a * b, 1);
  const gap = drawer(gaps, random);
  const value = drawer(values, random);
  const positions = new Uint32Array(size);
  const index = new Uint16Array(size);
  let kept = 0;
  for (let at = gap(); at < size; at += 1 + gap()) {
    positions[kept] = at;
    index[kept++] = value();
  }
  const { dims, gapBits } = layer;
  // centroids as k-means leaves them: each somewhere in its share of −0.1 … 0.1
  const codebook = Float32Array.from(values, (_, j) => (0.2 * (j + random.unit())) / values.length - 0.1);
  return { kind: 'shared', dims, codebook, positions: positions.slice(0, kept), index: index.slice(0, kept), gapBits };
}

export const generate = ({ name, layers }: PaperTable, seed: number): Generated => ({
  model: layersModel(name, layers),
  stored: new Map(layers.map((l) => [`${l.name}.weight`, storedOf(l, Random.of(seed, name, l.name))])),
});
