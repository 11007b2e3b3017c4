/** What moments are for: they tell what a small change of a layer's weights does to the output of the model. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model } from '../../src/base/tensor.js';
import { collectMoments } from '../../src/calibrate/collect.js';
import { type WeightLayer, widthOf } from '../../src/calibrate/layer.js';
import type { LayerMoments } from '../../src/calibrate/moments.js';
import { noiseSamples } from '../../src/calibrate/noise.js';
import type { Samples } from '../../src/calibrate/samples.js';
import { withSession } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { elementOf, netOf } from './brute.js';
import { layersOf } from './layers.js';
import { transformer } from './transformer.js';

const network = netOf({
  graph: `g(image: float32[N,3,8,8]) -> (y: float32[N,4]) {
    h = Conv(image, w1, b1) { pads = ints [1, 1, 1, 1] }
    r = Relu(h)
    k = Conv(r, w2, b2) { pads = ints [1, 1, 1, 1], strides = ints [2, 2], group = 2 }
    s = Relu(k)
    t = Conv(s, w3, b3)
    u = Relu(t)
    p = GlobalAveragePool(u)
    f = Flatten(p)
    y = Gemm(f, w4, b4) { transB = 1 }
  }`,
  weights: { w1: [6, 3, 3, 3], b1: [6], w2: [8, 3, 3, 3], b2: [8], w3: [10, 8, 1, 1], b3: [10], w4: [4, 10], b4: [4] },
});

interface Trial {
  readonly model: Model;
  readonly layer: WeightLayer;
  readonly samples: Samples;
  readonly change: Float64Array;
}

const trials = 12;

/** The first output for all samples together. */
async function outputs(model: Model, samples: Samples): Promise<Float32Array> {
  const results = await withSession(onnxruntimeNode, model, { threads: 1 }, (session) => session.run(samples.feeds(0, samples.count)));
  return results.get(model.graph.outputs[0]!.name)!.data as Float32Array;
}

/** Mean over samples of the squared distance of the outputs. */
async function measured({ model, layer, samples, change }: Trial): Promise<number> {
  const weight = model.graph.initializers.get(layer.weight)!;
  const data = Float32Array.from(weight.data as Float32Array, (v, i) => v + change[i]!);
  const initializers = new Map(model.graph.initializers).set(layer.weight, { ...weight, data });
  const [a, b] = [await outputs(model, samples), await outputs({ ...model, graph: { ...model.graph, initializers } }, samples)];
  return a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / samples.count;
}

/** Σ output[i][k] · input[j][l] · W[i][j] · W[k][l] / trace; a side that is no matrix is its diagonal. */
function predicted({ layer, change }: Trial, moments: LayerMoments): number {
  const [rows, width] = [layer.rows / layer.groups, widthOf(layer)];
  let sum = 0;
  for (let g = 0; g < layer.groups; g++) {
    const input = (j: number, l: number): number =>
      moments.input?.[g]?.[j * (width + 1) + l] ?? (j === l ? moments.inputDiagonal[g]![j]! : 0);
    const output = (i: number, k: number): number => moments.output?.[g]?.[i * rows + k] ?? (i === k ? moments.outputDiagonal![g]![i]! : 0);
    const at = (i: number, j: number): number => change[elementOf(layer, g, i, j)]!;
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < rows; k++) {
        const weight = output(i, k);
        if (weight !== 0) for (let j = 0; j < width; j++) for (let l = 0; l < width; l++) sum += weight * input(j, l) * at(i, j) * at(k, l);
      }
  }
  return sum / moments.trace;
}

/** A change of a few thousandths of the weights' size, so that the second order is what counts. */
function smallChange(model: Model, { weight }: WeightLayer, seed: number): Float64Array {
  const random = Random.of(seed, weight);
  return Float64Array.from(model.graph.initializers.get(weight)!.data as Float32Array, () => 3e-3 * random.normal());
}

describe.each<[string, Model, number]>([
  ['a convolutional network', network, 16],
  ['a transformer', transformer, 16],
])('in %s', (_, model, count) => {
  const samples = noiseSamples({ model, count, seed: 7, bind: () => 6 });
  const layers = layersOf(model).filter(({ weight }) => weight.startsWith('w'));
  const moments = collectMoments({ engine: onnxruntimeNode, threads: 1, model, layers, samples, kind: 'gradient', draws: 8, seed: 1 });

  test('every layer has gradient moments', async () => {
    expect(layers.length).toBeGreaterThan(3);
    expect([...(await moments).values()].map((m) => m.kind)).toEqual(layers.map(() => 'gradient'));
  });

  // The effect of one random change has a wide distribution, moments are of a few draws, and their product leaves out what rows and columns
  // have to do with each other: the mean of a dozen changes lies within half and twice, most layers' much nearer.
  test('the error of a small random change is predicted within a factor of two, in the mean of the layers within a fifth', async () => {
    const ratios: number[] = [];
    for (const layer of layers) {
      const found = (await moments).get(layer.weight)!;
      let [told, seen] = [0, 0];
      for (let seed = 0; seed < trials; seed++) {
        const trial: Trial = { model, layer, samples, change: smallChange(model, layer, seed) };
        told += predicted(trial, found);
        seen += await measured(trial);
      }
      ratios.push(told / seen);
    }
    for (const ratio of ratios) {
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
    expect(Math.abs(Math.log(ratios.reduce((product, r) => product * r, 1)) / ratios.length)).toBeLessThan(Math.log(1.2));
  });

  test('the twin that must fail: a change of twice the size costs four times as much', async () => {
    const layer = layers[0]!;
    const once: Trial = { model, layer, samples, change: smallChange(model, layer, 1) };
    const twice = { ...once, change: once.change.map((v) => 2 * v) };
    expect((await measured(twice)) / predicted(once, (await moments).get(layer.weight)!)).toBeGreaterThan(2);
  });
});
