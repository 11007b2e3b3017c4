/** Each kernel against ONNX Runtime, on small cases. A kernel without a case fails. */
import { describe, expect, test } from 'vitest';
import { writePith } from '../../src/format/write.js';
import type { Floats } from '../../src/kernels/kernel.js';
import { kernels } from '../../src/kernels/list.js';
import { load } from '../../src/model/load.js';
import type { Model } from '../../src/model.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { bell, model, node, random, value } from '../help/models.js';
import { runOrt, worst } from '../help/ort.js';
import { type Case, cases } from './samples.js';

function built({ op, given, inputs, opset, domain }: Case): { model: Model; feeds: Record<string, Floats> } {
  const next = random(3);
  const feeds: Record<string, Floats> = {};
  const initializers = new Map<string, Tensor>();
  const names = inputs.map((input, i) => {
    if (input === null) return '';
    const name = `x${i}`;
    if ('dtype' in input) initializers.set(name, input);
    else {
      const draw = (): number => (domain === 'positive' ? next() + 0.1 : bell(next));
      feeds[name] = { dims: input, data: Float32Array.from({ length: sizeOf(input) }, draw) };
    }
    return name;
  });
  const graph = {
    inputs: Object.entries(feeds).map(([name, { dims }]) => value(name, ...dims)),
    outputs: [{ name: 'y', dtype: 'float32' as const, dims: null }],
    nodes: [node(op, names, ['y'], given)],
    initializers,
  };
  return { model: model(graph, opset), feeds };
}

const run = async (given: Model, feeds: Readonly<Record<string, Floats>>): Promise<Floats> => {
  const loaded = await load(writePith({ model: given }).bytes);
  return (await loaded.run(feeds))['y']!;
};

describe.each(kernels.map(({ name }) => name))('%s', (op) => {
  const own = cases.filter((sample) => sample.op === op);

  test('has cases', () => expect(own.length).toBeGreaterThan(0));

  test.each(own.map((sample, i) => [i, sample] as const))('agrees with ONNX Runtime on case %i', async (_, sample) => {
    const { model: given, feeds } = built(sample);
    const expected = (await runOrt(given, feeds))['y']!;
    expect(worst(await run(given, feeds), expected)).toBeLessThanOrEqual(1);
  });
});

test('the comparison can say no', async () => {
  const { model: given, feeds } = built(cases.find(({ op }) => op === 'Conv')!);
  const expected = (await runOrt(given, feeds))['y']!;
  const off = { dims: expected.dims, data: expected.data.map((x, i) => (i === 5 ? x + 1e-2 : x)) };
  expect(worst(off, expected)).toBeGreaterThan(1);
  expect(worst({ dims: [...expected.dims, 1], data: expected.data }, expected)).toBe(Infinity);
});
