/** Every network of the list: its size, its shapes, that ONNX Runtime runs it with any batch, and that its seed decides its weights. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/base/tensor.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { inferGraph } from '../../src/ops/infer.js';
import { initialWeight, type Scheme, schemes } from '../../src/zoo/init.js';
import { networkOf, networks } from '../../src/zoo/list.js';
import { buildNetwork } from '../../src/zoo/network.js';

const trained = (name: string): boolean => !/running_(mean|var)$/.test(name);
const isWeight = (name: string): boolean => /\.(weight|bias)$/.test(name);

for (const network of networks)
  describe(network.name, () => {
    const model = buildNetwork(network);
    const { channels, height, width } = network.image;

    test('has as many parameters as its description says', () => {
      const names = [...model.graph.initializers.keys()].filter((name) => isWeight(name) && trained(name));
      expect(names.length).toBeGreaterThan(0);
      expect(names.reduce((sum, name) => sum + sizeOf(model.graph.initializers.get(name)!.dims), 0)).toBe(network.parameters);
    });

    test('has shapes for any batch', () => {
      const types = inferGraph(model.graph, 17, () => 5);
      expect(types.get('image')!.dims).toEqual([5, channels, height, width]);
      expect(types.get('logits')!.dims).toEqual([5, network.classes]);
    });

    test('runs in ONNX Runtime with batches of 1 and 7', async () => {
      const session = await InferenceSession.create(writeOnnx(model), { logSeverityLevel: 3 });
      for (const n of [1, 7]) {
        const image = new Tensor('float32', new Float32Array(n * channels * height * width).fill(0.5), [n, channels, height, width]);
        const { logits } = await session.run({ image });
        expect(logits!.dims).toEqual([n, network.classes]);
        expect(Array.from(logits!.data as Float32Array).every(Number.isFinite)).toBe(true);
      }
    });

    test('has the same bytes for the same seed, and others for another', () => {
      const bytes = (seed: number) => Buffer.from(writeOnnx(buildNetwork(network, { seed })));
      expect(bytes(3).equals(bytes(3))).toBe(true);
      expect(bytes(3).equals(bytes(4))).toBe(false);
    });
  });

test('names, metadata and versions are what readers rely on', () => {
  const model = buildNetwork(networkOf('lenet-5'), { seed: 9 });
  expect([...model.graph.initializers.keys()]).toEqual(
    ['conv1', 'conv2', 'fc1', 'fc2'].flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]),
  );
  expect(Object.fromEntries(model.metadata)).toEqual({ 'pith.network': 'lenet-5', 'pith.seed': '9' });
  expect([model.irVersion, model.opsets.get('')]).toEqual([8, 17]);
  expect(model.graph.inputs[0]).toEqual({ name: 'image', dtype: 'float32', dims: ['N', 1, 28, 28] });
  expect(model.graph.outputs[0]).toEqual({ name: 'logits', dtype: 'float32', dims: ['N', 10] });
});

test('other images and classes make other layers', () => {
  const model = buildNetwork(networkOf('lenet-5'), { channels: 3, height: 32, width: 32, classes: 47 });
  expect(model.graph.initializers.get('conv1.weight')!.dims).toEqual([20, 3, 5, 5]);
  expect(model.graph.initializers.get('fc1.weight')!.dims).toEqual([500, 1250]);
  expect(model.graph.outputs[0]!.dims).toEqual(['N', 47]);
});

/** Variance that each scheme promises for a [40, 10, 3, 3] weight: fan in 90, fan out 360. */
const variances: Readonly<Record<Scheme, number>> = {
  'he-normal': 2 / 90,
  'he-uniform': 2 / 90,
  'xavier-uniform': 2 / 450,
  'caffe-xavier': 1 / 90,
};

test.each(Object.keys(schemes) as Scheme[])('%s has the variance that its paper wants', (scheme) => {
  const { data } = initialWeight({ name: 'w', dims: [40, 10, 3, 3], scheme, seed: 1 });
  const values = Array.from(data as Float32Array);
  const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  // 3,600 draws: the standard error of the variance is below 2.4 %.
  expect(Math.abs(variance / variances[scheme] - 1)).toBeLessThan(0.1);
});

const wrong: readonly (readonly [string, Readonly<Record<string, number>>, string])[] = [
  ['an unknown option', { depth: 3 }, 'usage.option'],
  ['a fraction', { classes: 2.5 }, 'usage.option'],
  ['no classes', { classes: 0 }, 'usage.option'],
  ['an image that is too small', { height: 4 }, 'input.node'],
  ['an image that is too large', { height: 60_000, width: 60_000 }, 'limit.weight'],
];

test.each(wrong)('%s is refused', (_, options, code) => {
  expect(() => buildNetwork(networkOf('lenet-5'), options)).toThrow(expect.objectContaining({ code }));
});

test('an unknown network is refused with the names of the known ones', () => {
  expect(() => networkOf('vgg-99')).toThrow(/lenet-300-100/);
});
