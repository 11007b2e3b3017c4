/**
 * Distributions of one parameter that have the statistics of a layer in the paper: gaps between kept weights and the shared values these
 * take. Both are drawn independently, so that a coder gains only by what the numbers of the paper leave.
 */
import type { PaperLayer } from './layers.js';

export interface LayerStatistics {
  /** P(zeros before a kept weight = k). */
  readonly gaps: Float64Array;
  /** P(cluster = j). */
  readonly values: Float64Array;
}

/** Mean length of a Huffman code for these weights, in bits; their sum may be other than 1. */
function huffmanBits(frequencies: Float64Array): number {
  const leaves = frequencies.filter((f) => f > 0).sort();
  const total = leaves.reduce((a, b) => a + b, 0);
  if (leaves.length < 2) return 0;
  const inner = new Float64Array(leaves.length - 1);
  let bits = 0;
  let [leaf, node] = [0, 0];
  const least = (made: number): number =>
    leaf < leaves.length && (node >= made || leaves[leaf]! <= inner[node]!) ? leaves[leaf++]! : inner[node++]!;
  for (let made = 0; made < inner.length; made++) {
    inner[made] = least(made) + least(made);
    bits += inner[made]!;
  }
  return bits / total;
}

/** Where `of`, which rises, is nearest to `target`: bisection of the logarithm between two ends. */
function solve(of: (x: number) => number, target: number, ends: readonly [number, number]): number {
  let [low, high] = ends;
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(low * high);
    if (of(middle) < target) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** Clusters spaced evenly in −1 … 1, likelier near zero but for the hole that pruning leaves there. */
function valuesOf(layer: PaperLayer): Float64Array {
  const count = 2 ** layer.weightBits;
  const spread = (s: number): Float64Array =>
    Float64Array.from({ length: count }, (_, j) => {
      const size = Math.abs((2 * j + 1) / count - 1);
      return size < Math.min(s / 2, 0.2) ? 0 : Math.exp(-size / s);
    });
  const found = spread(solve((s) => huffmanBits(spread(s)), layer.codedWeightBits, [0.5 / count, 100]));
  const total = found.reduce((a, b) => a + b, 0);
  return found.map((p) => p / total);
}

/** A negative binomial distribution: `shape` 1 is a mask without memory, below 1 kept weights come in clusters, above 1 at even distances. */
function gapsOf(mean: number, shape: number): Float64Array {
  const grow = mean / (mean + shape);
  const gaps = [Math.exp(shape * Math.log1p(-grow))];
  for (let k = 0, sum = gaps[0]!; k < 1 << 14 && sum < 1 - 1e-9; k++) {
    gaps.push((gaps[k]! * grow * (k + shape)) / (k + 1));
    sum += gaps[k + 1]!;
  }
  return Float64Array.from(gaps);
}

/** Bits of one weight of the layer, pruned ones among them, before and after Huffman coding: fillers and the codebook are in them. */
function cost(layer: PaperLayer, gaps: Float64Array, values: Float64Array): { readonly shared: number; readonly coded: number } {
  const reach = 2 ** layer.gapBits;
  const symbols = new Float64Array(reach);
  let fillers = 0;
  for (const [k, p] of gaps.entries()) {
    symbols[k % reach]! += p;
    fillers += p * Math.floor(k / reach);
  }
  symbols[reach - 1]! += fillers;
  const coded = huffmanBits(symbols) + huffmanBits(Float64Array.of(fillers, ...values));
  const entries = layer.density * (1 + fillers);
  const book = (32 * values.length) / layer.dims.reduce((a, b) => a * b, 1);
  return { shared: entries * (layer.weightBits + layer.gapBits) + book, coded: entries * coded + book };
}

/** The shape of the gaps is the one that comes nearest to the paper's two rates. */
export function statisticsOf(layer: PaperLayer): LayerStatistics {
  const values = valuesOf(layer);
  const mean = 1 / layer.density - 1;
  let best: { readonly miss: number; readonly gaps: Float64Array } = { miss: Number.POSITIVE_INFINITY, gaps: new Float64Array() };
  for (let step = -40; step <= 64; step++) {
    const gaps = gapsOf(mean, 2 ** (step / 8));
    const { shared, coded } = cost(layer, gaps, values);
    const miss = Math.abs(Math.log(coded / (32 * layer.rateCoded))) + 0.5 * Math.abs(Math.log(shared / (32 * layer.rateShared)));
    if (miss < best.miss) best = { miss, gaps };
  }
  return { gaps: best.gaps, values };
}
