import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/base/tensor.js';
import { batches } from '../../src/data/batches.js';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { reference } from '../../src/engine/reference.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { type EvaluateOptions, evaluate } from '../../src/train/evaluate.js';
import { worst } from '../support/compare.js';
import { dense, stripes } from './tiny.js';

const { test: split } = stripes({ test: 23 });

const run = (model: Model, more: Partial<EvaluateOptions> = {}) =>
  evaluate({ engine: onnxruntimeNode, threads: 1, model, split, preprocess: defaultPreprocess, ...more });

const fixedTo = (model: Model, rows: number): Model => ({
  ...model,
  graph: {
    ...model.graph,
    inputs: model.graph.inputs.map((v) => ({ ...v, dims: [rows, ...v.dims!.slice(1)] })),
    outputs: model.graph.outputs.map((v) => ({ ...v, dims: [rows, 3] })),
  },
});

const withGraph = (text: string): Model => ({ ...dense(), graph: parseGraph(text) });

const rounding = { abs: 1e-6, rel: 1e-5, because: 'sums of float32 logits' };

describe('evaluation', () => {
  test('is the mean over all images, by a plain loop', async () => {
    const model = dense();
    const session = await onnxruntimeNode.open(model);
    let [wrong, loss] = [0, 0];
    for (const { images, labels, dims } of batches({ split, batch: 1, shuffle: false, preprocess: defaultPreprocess })) {
      const logits = [
        ...((await session.run(new Map([['image', { dtype: 'float32', dims, data: images }]]))).get('logits')!.data as Float32Array),
      ];
      const label = labels[0]!;
      if (logits.indexOf(Math.max(...logits)) !== label) wrong++;
      loss += Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[label]!;
    }
    await session.close();
    const found = await run(model);
    expect(found.count).toBe(23);
    expect(found.error).toBe(wrong / 23);
    expect(worst([found.loss], [loss / 23], rounding)).toBeLessThanOrEqual(1);
    expect(worst([found.loss], [(loss / 23) * 1.001], rounding)).toBeGreaterThan(1);
    expect(found.confusion.flat().reduce((a, b) => a + b)).toBe(23);
    expect(found.confusion.reduce((sum, row, label) => sum + row.reduce((a, b, k) => a + (k === label ? 0 : b), 0), 0)).toBe(wrong);
  });

  test.each([1, 4, 23, 30])('is the same where the model has a fixed batch of %s', async (rows) => {
    const [fixed, free] = [await run(fixedTo(dense(), rows)), await run(dense())];
    expect(fixed.count).toBe(23);
    expect(fixed.confusion).toEqual(free.confusion);
    expect(worst([fixed.loss], [free.loss], rounding)).toBeLessThanOrEqual(1);
  });

  test('is the same by the reference, in small batches', async () => {
    const other = await run(dense(), { engine: reference, batch: 5 });
    expect(other.confusion).toEqual((await run(dense())).confusion);
  });

  test('tells how far it is, and ends by the signal', async () => {
    const seen: number[] = [];
    await run(dense(), { batch: 10, onProgress: (done, total) => seen.push(done, total) });
    expect(seen).toEqual([10, 23, 20, 23, 23, 23]);
    await expect(run(dense(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted.cancelled' });
  });

  test('takes logits with further axes of one', async () => {
    const model = withGraph(`g(image: float32[N,1,4,4]) -> (y: float32[N,3,1,1]) {
      init w: float32[3,1,4,4] = [${Array.from({ length: 48 }, (_, i) => ((i * 7) % 11) / 10)}]
      y = Conv(image, w)
    }`);
    expect((await run(model)).confusion.map((row) => row.length)).toEqual([3, 3, 3]);
  });
});

describe('refused are', () => {
  test('labels that the network has no output for', async () => {
    await expect(run(dense(), { split: { ...split, labels: split.labels.map((l) => l + 1) } })).rejects.toMatchObject({
      code: 'input.label',
    });
  });

  test('outputs that are NaN', async () => {
    const model = dense();
    const initializers = new Map(model.graph.initializers);
    initializers.set('fc2.bias', { dtype: 'float32', dims: [3], data: Float32Array.of(0, Number.NaN, 0) });
    await expect(run({ ...model, graph: { ...model.graph, initializers } })).rejects.toMatchObject({ code: 'numeric.outputs' });
  });

  test.each([
    ['of one number for each pixel', 'g(image: float32[N,1,4,4]) -> (y: float32[N,1,4,4]) { y = Relu(image) }', 'unsupported.outputs'],
    ['of another type', 'g(image: float32[N,1,4,4]) -> (y: int64[4]) { y = Shape(image) }', 'unsupported.outputs'],
    [
      'of two inputs',
      'g(image: float32[N,1,4,4], b: float32[N,1,4,4]) -> (y: float32[N,1,4,4]) { y = Add(image, b) }',
      'unsupported.inputs',
    ],
  ])('networks %s', async (_, text, code) => {
    await expect(run(withGraph(text))).rejects.toMatchObject({ code });
  });
});
