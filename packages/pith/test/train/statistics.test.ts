/** Statistics measured once more, against those computed image by image from the layer before the normalization. */
import { expect, test } from 'vitest';
import type { Model } from '../../src/base/tensor.js';
import { batches } from '../../src/data/batches.js';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { measuredStatistics } from '../../src/train/statistics.js';
import { worst } from '../support/compare.js';
import { dense, normalized, stripes } from './tiny.js';

const data = stripes();
const options = {
  engine: onnxruntimeNode,
  threads: 1,
  split: data.train,
  batch: 16,
  batches: 3,
  seed: 2,
  preprocess: defaultPreprocess,
};

/** The graph up to the input of its normalization. */
function upToNorm(model: Model): Model {
  const norm = model.graph.nodes.find((n) => n.op === 'BatchNormalization')!;
  const maker = model.graph.nodes.find((n) => n.outputs[0] === norm.inputs[0])!;
  return { ...model, graph: { ...model.graph, nodes: [maker], outputs: [{ name: maker.outputs[0]!, dtype: 'float32', dims: null }] } };
}

test.each([
  ['as they are', {}],
  ['augmented', { shift: { x: 1, y: 1 } }],
])('are the mean and the variance over all images %s, and all positions', async (_, augment) => {
  const model = normalized();
  const found = await measuredStatistics({ ...options, model, augment });
  const before = upToNorm(model);
  const sums = Array.from({ length: 4 }, () => ({ count: 0, sum: 0, square: 0 }));
  for (const { images, dims } of batches({ split: data.train, batch: 48, preprocess: defaultPreprocess, augment, seed: 2 })) {
    const x = { dtype: 'float32' as const, dims, data: Float64Array.from(images) };
    const all = evaluate(before.graph, 17, new Map([[before.graph.inputs[0]!.name, x]])).get(before.graph.outputs[0]!.name)!;
    all.data.forEach((v, i) => {
      const channel = sums[Math.floor(i / 16) % 4]!;
      channel.count++;
      channel.sum += v;
      channel.square += v * v;
    });
  }
  const mean = sums.map(({ sum, count }) => sum / count);
  const variance = sums.map(({ square, count }, c) => square / count - mean[c]! ** 2);
  const singles = { abs: 1e-5, rel: 1e-4, because: 'a few hundred float32 sums' };
  expect(worst(found.get('bn.running_mean')!, mean, singles)).toBeLessThanOrEqual(1);
  expect(worst(found.get('bn.running_var')!, variance, singles)).toBeLessThanOrEqual(1);
  expect(worst(found.get('bn.running_var')!, mean, singles)).toBeGreaterThan(1);
  const others = await measuredStatistics({ ...options, model, augment: { shift: { x: 1 } } });
  expect(worst(others.get('bn.running_mean')!, mean, singles)).toBeGreaterThan(1);
});

test('are none where nothing is normalized, and a signal ends it', async () => {
  expect((await measuredStatistics({ ...options, model: dense() })).size).toBe(0);
  await expect(measuredStatistics({ ...options, model: normalized(), signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted.cancelled',
  });
});
