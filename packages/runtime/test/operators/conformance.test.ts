/** Each operator against ONNX Runtime, on small cases. An operator without a case fails. */
import { describe, expect, test } from 'vitest';
import { writePith } from '../../src/format/write.js';
import { load } from '../../src/model/load.js';
import type { Model } from '../../src/model.js';
import { operators } from '../../src/operators/list.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { bell, model, node, random } from '../help/models.js';
import { type Numbers, runOrt, worst } from '../help/ort.js';
import { type Case, cases } from './samples.js';

interface Built {
  readonly model: Model;
  readonly feeds: Readonly<Record<string, Numbers>>;
}

function built({ op, given, inputs, opset, domain, outputs = ['float32'] }: Case): Built {
  const next = random(3);
  const draw = (): number => (domain === 'positive' ? next() + 0.1 : bell(next));
  const feeds: Record<string, Tensor & Numbers> = {};
  const initializers = new Map<string, Tensor>();
  const names = inputs.map((input, i) => {
    if (input === null) return '';
    const name = `x${i}`;
    if ('dtype' in input) initializers.set(name, input);
    else if ('fed' in input) feeds[name] = input.fed as Tensor & Numbers;
    else feeds[name] = { dtype: 'float32', dims: input, data: Float32Array.from({ length: sizeOf(input) }, draw) };
    return name;
  });
  const made = outputs.map((_, i) => `y${i}`);
  const graph = {
    inputs: Object.entries(feeds).map(([name, { dtype, dims }]) => ({ name, dtype, dims })),
    outputs: outputs.map((dtype, i) => ({ name: `y${i}`, dtype, dims: null })),
    nodes: [node(op, names, made, given)],
    initializers,
  };
  return { model: model(graph, opset), feeds };
}

const run = async ({ model: given, feeds }: Built): Promise<Readonly<Record<string, Numbers>>> =>
  (await load(writePith({ model: given }).bytes)).run(feeds);

describe.each(operators.map(({ name }) => name))('%s', (op) => {
  const own = cases.filter((sample) => sample.op === op);

  test('has cases', () => expect(own.length).toBeGreaterThan(0));

  // ONNX Runtime does not know the operators of the newest opsets
  test.each(own.filter(({ expected }) => !expected).map((sample, i) => [i, sample] as const))(
    'agrees with ONNX Runtime on case %i',
    async (_, sample) => {
      const given = built(sample);
      const expected = await runOrt(given.model, given.feeds);
      const results = await run(given);
      expect(Object.keys(results)).toEqual(Object.keys(expected));
      for (const [name, result] of Object.entries(results)) expect(worst(result, expected[name]!), name).toBeLessThanOrEqual(1);
    },
  );

  test.each(own.filter(({ expected }) => expected).map((sample, i) => [i, sample] as const))(
    'agrees with its definition on case %i',
    async (_, sample) => {
      const given = built(sample);
      const [x] = Object.values(given.feeds) as [Numbers & { data: Float32Array }];
      const { y0 } = await run(given);
      expect(worst(y0!, { dims: x.dims, data: x.data.map(sample.expected!) })).toBeLessThanOrEqual(1);
    },
  );
});

test('the comparison can say no', async () => {
  const given = built(cases.find(({ op }) => op === 'Conv')!);
  const expected = (await runOrt(given.model, given.feeds))['y0']!;
  const off = { dims: expected.dims, data: Float32Array.from(expected.data as Float32Array, (x, i) => (i === 5 ? x + 1e-2 : x)) };
  expect(worst(off, expected)).toBeGreaterThan(1);
  expect(worst({ dims: [...expected.dims, 1], data: expected.data }, expected)).toBe(Infinity);
});
