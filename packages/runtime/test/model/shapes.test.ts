/** The kernel of a layer follows the shapes of the inputs, where another one is clearly faster; results stay what they are. */
import { expect, test } from 'vitest';
import { readPith } from '../../src/format/read.js';
import { writePith } from '../../src/format/write.js';
import { LoadedModel } from '../../src/model/loaded-model.js';
import type { Model } from '../../src/model.js';
import { bell, node, random, value } from '../help/models.js';
import { Net } from '../help/networks.js';
import { type Numbers, runOrt, worst } from '../help/ort.js';

const [inputs, outputs] = [256, 128];

/** A fifth of the weights is kept: single rows are faster one by one, many rows together. Wide ones repeat the same rows. */
function pruned(width = outputs): Model {
  const net = new Net(41);
  const next = random(42);
  const rows = Float32Array.from({ length: outputs * inputs }, () => (next() < 0.2 ? bell(next) : 0));
  const data = Float32Array.from({ length: width * inputs }, (_, i) => rows[i % rows.length]!);
  net.nodes.push(node('Gemm', ['x', net.constant({ dtype: 'float32', dims: [width, inputs], data })], ['y'], { transB: 1 }));
  return net.model([value('x', 'N', inputs)]);
}

function feedsOf(batch: number): { x: Numbers } {
  const next = random(batch);
  return { x: { dims: [batch, inputs], data: Float32Array.from({ length: batch * inputs }, () => bell(next)) } };
}

/** What a file has beside its graph and tensors. */
const empty = readPith(writePith({ model: pruned(1) }).bytes);
const open = (model: Model, options: { readonly maxBytes?: number } = {}): LoadedModel =>
  LoadedModel.open(
    { ...empty, model, tensors: new Map([...model.graph.initializers].map(([name, tensor]) => [name, { kind: 'dense', tensor }])) },
    options,
  );

const kernelOf = (model: LoadedModel): string => model.explain()[0]!.kernel;

test('another batch takes another kernel, and the first one again; each is packed once', async () => {
  const model = pruned();
  const loaded = open(model);
  const seen: string[] = [];
  const bytes: number[] = [];
  for (const batch of [1, 64, 1, 64, 2, 100, 1]) {
    const { y } = await loaded.run(feedsOf(batch));
    expect(worst(y!, (await runOrt(model, feedsOf(batch)))['y']!)).toBeLessThanOrEqual(1);
    seen.push(kernelOf(loaded));
    bytes.push(loaded.memory.weights);
    const [first] = loaded.explain();
    expect(first!.choices.find(({ kernel }) => kernel === first!.kernel)!.nanoseconds).toBeLessThan(1.25 * first!.choices[0]!.nanoseconds);
  }
  expect(seen[1]).not.toBe(seen[0]);
  expect([seen[2], seen[6]]).toEqual([seen[0], seen[0]]);
  expect(seen[3]).toBe(seen[1]);
  expect(bytes[1]).toBeGreaterThan(bytes[0]!);
  expect(new Set(bytes.slice(1)).size).toBe(1);
});

test('a weight that is too large to be held on to stays with its first kernel', async () => {
  // 2 MiB as the file has it
  const model = pruned(2048);
  const loaded = open(model);
  const before = kernelOf(loaded);
  const { y } = await loaded.run(feedsOf(8));
  expect(kernelOf(loaded)).toBe(before);
  expect(worst(y!, (await runOrt(model, feedsOf(8)))['y']!)).toBeLessThanOrEqual(1);
});

test('where there is no memory for another kernel, the first one goes on', async () => {
  const model = pruned();
  const expected = (await runOrt(model, feedsOf(8)))['y']!;
  const kernels: string[] = [];
  for (let bytes = 65536; new Set(kernels).size < 2 && bytes < 2 ** 20; bytes += 4096) {
    try {
      const loaded = open(model, { maxBytes: bytes });
      const { y } = await loaded.run(feedsOf(8));
      kernels.push(kernelOf(loaded));
      expect(worst(y!, expected)).toBeLessThanOrEqual(1);
    } catch (error) {
      expect(error).toMatchObject({ code: 'limit.memory' });
    }
  }
  const plenty = open(model);
  const first = kernelOf(plenty);
  await plenty.run(feedsOf(8));
  // too little for two, then enough
  expect(kernels[0]).toBe(first);
  expect(kernels.at(-1)).toBe(kernelOf(plenty));
  expect(kernels.at(-1)).not.toBe(first);
});
