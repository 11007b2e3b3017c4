/** Drift against its definition, and the fit of biases by what it does to the outputs. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model, Tensor } from '../../src/base/tensor.js';
import { collectDrift } from '../../src/calibrate/drift.js';
import { widthOf } from '../../src/calibrate/layer.js';
import { outputBias } from '../../src/calibrate/output-bias.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { worst } from '../support/compare.js';
import { failureOf } from '../train/tiny.js';
import { bruteForward, netOf, normalSamples, outputOf } from './brute.js';
import { layersOf } from './layers.js';

const model = netOf({
  graph: `g(x: float32[N,2,5,5]) -> (y: float32[N,3]) {
    h = Conv(x, w1, b1) { pads = ints [1, 1, 1, 1] }
    r = Relu(h)
    k = Conv(r, w2, b2) { strides = ints [2, 2] }
    s = Relu(k)
    p = GlobalAveragePool(s)
    f = Flatten(p)
    y = Gemm(f, w3, b3) { transB = 1 }
  }`,
  weights: { w1: [4, 2, 3, 3], b1: [4], w2: [5, 4, 3, 3], b2: [5], w3: [3, 5], b3: [3] },
});
const layers = layersOf(model).flatMap((layer) =>
  layer.weight.startsWith('w') ? [{ ...layer, bias: layer.weight.replace('w', 'b') }] : [],
);

/** The model with noise on the weights of the first `count` layers. */
function disturbed(count: number, by: number): Model {
  const initializers = new Map<string, Tensor>(model.graph.initializers);
  for (const { weight } of layers.slice(0, count)) {
    const random = Random.of(8, weight);
    const { dims, data } = initializers.get(weight)!;
    initializers.set(weight, { dtype: 'float32', dims, data: Float32Array.from(data as Float32Array, (v) => v + by * random.normal()) });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

const single = { abs: 1e-4, rel: 1e-4, because: 'sums of some hundred products in single precision' };
const common = { engine: onnxruntimeNode, threads: 1 };

describe('drift', () => {
  const samples = normalSamples(model, 6);
  const [, second] = layers as [unknown, (typeof layers)[number]];

  test('of unchanged weights is none at all, nor in front of the first changed layer', async () => {
    const options = { ...common, reference: model, samples };
    expect(await collectDrift({ ...options, current: disturbed(0, 1), layer: second })).toBeUndefined();
    expect(await collectDrift({ ...options, current: disturbed(3, 0.1), layer: layers[0]! })).toBeUndefined();
  });

  test('is the mean of products of inputs before and after', async () => {
    const current = disturbed(1, 0.3);
    const found = (await collectDrift({ ...common, reference: model, current, layer: second, samples }))!;
    const [own] = bruteForward(current, second, samples);
    const [before] = bruteForward(model, second, samples);
    const width = widthOf(second);
    const inner = (m: Float64Array): Float64Array => m.filter((_, i) => i % (width + 1) < width && i < width * (width + 1));
    expect(worst(found.own[0]!, inner(own!), single)).toBeLessThan(1);
    // Of inputs that are the same, both are the moments as they were; the twin that must fail: they are not here.
    expect(worst(found.own[0]!, inner(before!), single)).toBeGreaterThan(1);
    // E‖x − x̂‖² = E‖x‖² − 2·E[x·x̂] + E‖x̂‖², which the inputs themselves give.
    const trace = (m: Float64Array): number => m.reduce((sum, v, i) => sum + (i % (width + 1) === 0 ? v : 0), 0);
    const gap = trace(inner(before!)) - 2 * trace(found.cross[0]!) + trace(found.own[0]!);
    expect(worst([gap], [meanGap(current)], { ...single, abs: 1e-3 })).toBeLessThan(1);
  });

  /** The mean squared distance of what the second layer's windows meet, before and after. */
  function meanGap(current: Model): number {
    const difference = (of: Model): Float64Array => {
      const nodes = of.graph.nodes.slice(0, 2);
      const outputs = [{ name: 'r', dtype: null, dims: null }];
      const graph = { ...of.graph, nodes, outputs };
      return Float64Array.from(Array.from({ length: samples.count }, (_, s) => [...outputOf({ ...of, graph }, samples, s)]).flat());
    };
    const [x, y] = [difference(model), difference(current)];
    let sum = 0;
    for (let s = 0; s < samples.count; s++)
      for (let c = 0; c < 4; c++)
        for (const i of [0, 1, 2, 3, 4])
          for (const j of [0, 1, 2, 3, 4]) {
            const at = ((s * 4 + c) * 5 + i) * 5 + j;
            sum += (i === 2 ? 2 : 1) * (j === 2 ? 2 : 1) * (x[at]! - y[at]!) ** 2;
          }
    return sum / (samples.count * 4);
  }
});

describe('the fit of biases', () => {
  const samples = normalSamples(model, 40);
  const current = disturbed(3, 0.2);
  const options = { ...common, reference: model, current, layers, samples, seed: 3 };

  const error = (changed: ReadonlyMap<string, Float64Array>): number => {
    let sum = 0;
    for (let s = 0; s < samples.count; s++) {
      const [a, b] = [outputOf(model, samples, s), outputOf(current, samples, s, changed)];
      a.forEach((v, i) => {
        sum += (v - b[i]!) ** 2;
      });
    }
    return sum;
  };

  test('brings the outputs nearer to what they were', async () => {
    const biases = await outputBias(options);
    expect([...biases.keys()]).toEqual(['b1', 'b2', 'b3']);
    expect(error(biases)).toBeLessThan(0.9 * error(new Map()));
  });

  test('moves nothing where nothing is to be gained: the same model, or too few samples to tell', async () => {
    expect(await outputBias({ ...options, current: model })).toEqual(new Map());
    expect(await outputBias({ ...options, samples: normalSamples(model, 1) })).toEqual(new Map());
  });

  test('takes the last layers where there are too many unknowns', async () => {
    expect([...(await outputBias({ ...options, most: 8 })).keys()]).toEqual(['b2', 'b3']);
  });

  test('stops when told, and refuses a model whose output has no gradient', async () => {
    expect(await failureOf(() => outputBias({ ...options, signal: AbortSignal.abort() }))).toMatchObject({ code: 'interrupted.cancelled' });
    expect(await failureOf(() => outputBias({ ...options, layers: [] }))).toMatchObject({ code: 'unsupported.gradient' });
  });
});
