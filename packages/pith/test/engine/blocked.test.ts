/** Convolutions in ONNX Runtime's blocked layout: the same numbers as without, and only where they are meant to be. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { type Model, sizeOf, type Tensor } from '../../src/base/tensor.js';
import { blockConvolutions, blockOf, blockProbe } from '../../src/engine/blocked.js';
import { withSession } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { reference } from '../../src/engine/reference.js';
import { type Attributes, Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import { inferNode } from '../../src/ops/infer.js';
import { worst } from '../support/compare.js';

interface Form {
  readonly image: readonly number[];
  readonly weight: readonly number[];
  readonly attributes?: Attributes;
  readonly bias?: boolean;
  readonly constant?: boolean;
}

const made = (name: string, dims: readonly number[]): Tensor => {
  const random = Random.of(1, name);
  return { dtype: 'float32', dims, data: Float32Array.from({ length: sizeOf(dims) }, () => random.between(-1, 1)) };
};

/** A convolution, twice on the same image, whose weight is an input. */
function convolution({ image, weight, attributes = {}, bias, constant }: Form): { model: Model; feeds: Map<string, Tensor> } {
  const builder = new Builder(Graph.empty('conv'), 17, inferNode);
  const feeds = new Map([['x', made('x', image)], ...(constant ? [] : [['w', made('w', weight)] as const])]);
  const x = builder.input('x', feeds.get('x')!);
  const w = constant ? builder.constant(made('w', weight), 'w') : builder.input('w', feeds.get('w')!);
  const b = bias ? builder.constant(made('b', [weight[0]!])) : undefined;
  const y = builder.Conv(x, w, b, attributes);
  builder.output('y', builder.Relu(y));
  builder.output('z', builder.Add(builder.Conv(x, w, undefined, attributes), y));
  const plain = { producerName: '', producerVersion: '', domain: '', modelVersion: 0, doc: '', metadata: new Map(), functions: [] };
  return { model: { ...plain, irVersion: 8, opsets: new Map([['', 17]]), graph: builder.graph.freeze() }, feeds };
}

const blocked = (model: Model): number => model.graph.nodes.filter((n) => n.op === 'Conv' && n.domain === 'com.microsoft.nchwc').length;

const same: Form = { image: [2, 16, 7, 9], weight: [16, 16, 3, 3], attributes: { pads: [1, 1, 1, 1] } };
const taken: readonly [string, Form][] = [
  ['padding that keeps the size', same],
  ['more filters than channels, and a bias', { ...same, weight: [48, 16, 3, 3], bias: true }],
  ['more channels than filters', { ...same, image: [2, 32, 5, 5], weight: [16, 32, 3, 3] }],
  ['strides', { ...same, attributes: { pads: [1, 1, 1, 1], strides: [2, 2] } }],
  ['dilation', { ...same, attributes: { dilations: [2, 2] } }],
  ['uneven padding', { ...same, attributes: { pads: [2, 0, 1, 2] } }],
  ['a window that is not square', { ...same, weight: [16, 16, 1, 5] }],
  ['padding by name', { ...same, attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } }],
];
const left: readonly [string, Form][] = [
  ['constant weights', { ...same, constant: true }],
  ['groups', { ...same, weight: [16, 8, 3, 3], attributes: { group: 2 } }],
  ['channels that are no whole blocks', { ...same, image: [2, 20, 7, 9], weight: [16, 20, 3, 3] }],
  ['filters that are no whole blocks', { ...same, weight: [10, 16, 3, 3] }],
  ['a single point', { ...same, weight: [16, 16, 1, 1] }],
  ['a window as large as an image', { image: [1, 16, 12, 12], weight: [16, 16, 8, 8] }],
  ['one spatial axis', { image: [2, 16, 9], weight: [16, 16, 3] }],
];

const rounding = { abs: 1e-5, rel: 1e-5, because: 'float32 sums of up to 288 products below 1 against float64' };

describe('ONNX Runtime gives what the reference gives', () => {
  test.each([...taken, ...left])('%s', async (_, form) => {
    const { model, feeds } = convolution(form);
    const expected = await withSession(reference, model, {}, (s) => s.run(feeds));
    const actual = await withSession(onnxruntimeNode, model, { threads: 1 }, (s) => s.run(feeds));
    for (const [name, { data }] of expected)
      expect(worst(actual.get(name)!.data as Float32Array, data as Float32Array, rounding)).toBeLessThanOrEqual(1);
  });
});

describe('which convolutions are taken', () => {
  test.each(taken)('%s: yes', (_, form) => {
    const { model } = convolution(form);
    const found = blockConvolutions(model, 16);
    expect(blocked(found)).toBe(2);
    expect(found.graph.nodes.filter((n) => n.op === 'ReorderInput')).toHaveLength(1);
    expect(blocked(model)).toBe(0);
  });

  test.each(left)('%s: no, the model is the same object', (_, form) => {
    const { model } = convolution(form);
    expect(blockConvolutions(model, 16)).toBe(model);
  });

  test('a graph with an operator that pith does not know is left as it is', () => {
    const { model } = convolution(same);
    const node = { op: 'Unheard', domain: '', name: 'n', inputs: ['w'], outputs: ['v'], attributes: new Map() };
    const strange = { ...model, graph: { ...model.graph, nodes: [node, ...model.graph.nodes] } };
    expect(blockConvolutions(strange, 16)).toBe(strange);
  });
});

test('new nodes have names of their own, whatever the nodes that are there are called', () => {
  const { model } = convolution(same);
  const nodes = model.graph.nodes.map((node, i) => ({
    ...node,
    name: ['ReorderInput', 'Reshape', 'Conv', 'Transpose', 'Reshape_0'][i] ?? '',
  }));
  const names = blockConvolutions({ ...model, graph: { ...model.graph, nodes } }, 16).graph.nodes.map((n) => n.name);
  expect(names.filter((name) => name !== '').toSorted()).toEqual([...new Set(names)].filter((name) => name !== '').toSorted());
});

test('the probe reads the size of a block from the order of what comes back', async () => {
  const layout = (block: number) =>
    Float32Array.from({ length: 32 }, (_, i) => {
      const [outer, pixel, inner] = [Math.floor(i / (2 * block)), Math.floor(i / block) % 2, i % block];
      return 2 * (outer * block + inner) + pixel;
    });
  for (const block of [4, 8, 16]) {
    const run = async () => new Map([['y', { dtype: 'float32', dims: [1, 16, 1, 2], data: layout(block) } as Tensor]]);
    expect(await blockOf({ inputs: [], outputs: [], run, close: async () => undefined })).toBe(block);
  }
});

test('blocks of the wrong size give other numbers', async () => {
  const { model, feeds } = convolution(same);
  const right = await withSession(onnxruntimeNode, blockProbe(), {}, blockOf).catch(() => 1);
  if (right === 1) return; // a processor without the blocked layout
  const wrong = blockConvolutions(model, right === 16 ? 8 : 16);
  const expected = await withSession(reference, model, {}, (s) => s.run(feeds));
  const actual = await withSession(onnxruntimeNode, wrong, { threads: 1 }, (s) => s.run(feeds));
  expect(worst(actual.get('y')!.data as Float32Array, expected.get('y')!.data as Float32Array, rounding)).toBeGreaterThan(1);
});
