import { writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import type { Model, Tensor } from '../../src/base/tensor.js';
import { analyze, type SizeNode } from '../../src/library/analyze.js';
import { diff } from '../../src/library/diff.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { smallNetwork } from './support.js';

const model = smallNetwork();
const changed = (change: (tensors: Map<string, Tensor>) => void, more: Partial<Model['graph']> = {}): Model => {
  const initializers = new Map(model.graph.initializers);
  change(initializers);
  return { ...model, graph: { ...model.graph, ...more, initializers } };
};
const with0 = (data: Float32Array): Float32Array => data.map((x, i) => (i % 4 === 0 ? 0 : i % 4 === 1 ? -0 : x));

describe('analyze', () => {
  const leaves = (node: SizeNode): SizeNode[] => (node.children.length === 0 ? [node] : node.children.flatMap(leaves));

  test.each([
    ['onnx', writeOnnx(model)],
    ['pith', writePith({ model }).bytes],
  ])('the leaves of a tree of %s add up to the file, the largest first', async (format, bytes) => {
    const found = await analyze(bytes);
    expect(found).toMatchObject({ format, bytes: bytes.length });
    const sizes = leaves(found.tree).map((leaf) => leaf.bytes);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(bytes.length);
    expect(found.tree).toMatchObject({ bytes: bytes.length, share: 1, weights: 9550 });
    expect(found.tree.children.map((c) => c.bytes)).toEqual(found.tree.children.map((c) => c.bytes).sort((a, b) => b - a));
  });

  test('branches follow the names, and a branch without a fork is one node', async () => {
    const { tree } = await analyze(
      changed((t) => {
        t.set('/block/0/attention.weight', { dtype: 'float32', dims: [4, 2], data: new Float32Array(8) });
        t.set('/block/0/attention.bias', { dtype: 'float32', dims: [4], data: new Float32Array(4) });
        t.set('/block/1/gate', { dtype: 'int4', dims: [3], data: Uint8Array.of(0x10, 0x05) });
      }),
    );
    const block = tree.children.find((node) => node.name === 'block')!;
    expect(block.children.map((node) => [node.name, node.children.map((leaf) => leaf.name)])).toEqual([
      ['0/attention', ['weight', 'bias']],
      ['1/gate', []],
    ]);
    expect(block.children[1]).toMatchObject({ sparsity: 1 / 3, tensor: { name: '/block/1/gate', dtype: 'int4', dims: [3] } });
  });

  test('zeros of both signs are counted, in half precision too', async () => {
    const { tree } = await analyze(
      changed((t) => {
        const fc1 = t.get('fc1.weight')!;
        t.set('fc1.weight', { ...fc1, data: with0(fc1.data as Float32Array) });
        t.set('half', { dtype: 'float16', dims: [4], data: Uint16Array.of(0, 0x8000, 0x3c00, 0xbc00) });
      }),
    );
    const find = (node: SizeNode, name: string): SizeNode | undefined =>
      node.tensor?.name === name ? node : node.children.map((c) => find(c, name)).find(Boolean);
    expect(find(tree, 'fc1.weight')?.sparsity).toBe(0.5);
    expect(find(tree, 'half')?.sparsity).toBe(0.5);
  });
});

describe('diff', () => {
  test('a model and its .pith file are the same network, whatever the bytes', async () => {
    const found = await diff(writeOnnx(model), writePith({ model }).bytes);
    expect(found).toMatchObject({
      same: true,
      facts: [],
      nodes: [],
      tensors: [],
      sameTensors: 4,
      a: { format: 'onnx' },
      b: { format: 'pith' },
    });
  });

  test('a changed tensor is told with its error, one of another shape with both shapes, new and lost ones as such', async () => {
    const withSpare = changed((t) => t.set('spare', { dtype: 'float32', dims: [1], data: Float32Array.of(1) }));
    const other = changed((t) => {
      const weight = t.get('fc1.weight')!;
      t.set('fc1.weight', { ...weight, data: (weight.data as Float32Array).map((x) => 1.5 * x) });
      t.set('fc1.bias', { dtype: 'float16', dims: [12], data: new Uint16Array(12) });
      t.delete('spare');
      t.set('more', { dtype: 'float32', dims: [1], data: Float32Array.of(1) });
    });
    const { tensors, sameTensors, same } = await diff(withSpare, other);
    expect([same, sameTensors]).toEqual([false, 2]);
    expect(new Map(tensors.map((t) => [t.name, t.change]))).toEqual(
      new Map([
        ['fc1.weight', 'values'],
        ['fc1.bias', 'type'],
        ['spare', 'removed'],
        ['more', 'added'],
      ]),
    );
    const { error } = tensors[0]!;
    expect(error!.relative).toBeCloseTo(0.5, 6);
    expect(error!.cosine).toBeCloseTo(1, 6);
  });

  test('an attribute that repeats the default of its operator says nothing', async () => {
    const nodes = model.graph.nodes.map((node) =>
      node.op === 'Gemm' ? { ...node, attributes: new Map(node.attributes).set('alpha', { kind: 'float', value: 1 } as const) } : node,
    );
    expect(await diff(model, { ...model, graph: { ...model.graph, nodes } })).toMatchObject({ same: true, nodes: [] });
  });

  test('a node that went away or came is told, and those around it are as they were', async () => {
    const nodes = model.graph.nodes;
    const relu = nodes.findIndex((node) => node.op === 'Relu');
    const [from, to] = [nodes[relu]!.inputs[0]!, nodes[relu]!.outputs[0]!];
    const without = nodes
      .filter((_, i) => i !== relu)
      .map((node) => ({ ...node, inputs: node.inputs.map((name) => (name === to ? from : name)) }));
    const other = { ...model, graph: { ...model.graph, nodes: without } };
    expect((await diff(model, other)).nodes).toEqual([{ change: 'removed', node: to, op: 'Relu', what: [] }]);
    expect((await diff(other, model)).nodes).toEqual([{ change: 'added', node: to, op: 'Relu', what: [] }]);
    const crossed = nodes.map((node, i) => (i === relu ? { ...node, inputs: [model.graph.inputs[0]!.name] } : node));
    const found = await diff(model, { ...model, graph: { ...model.graph, nodes: crossed } });
    expect(found.nodes).toEqual([{ change: 'changed', node: to, op: 'Relu', what: ['inputs'] }]);
  });

  test('nodes and facts that changed are named; metadata alone leave the network the same', async () => {
    const nodes = model.graph.nodes.map((node) =>
      node.op === 'Gemm' ? { ...node, attributes: new Map(node.attributes).set('alpha', { kind: 'float', value: 2 } as const) } : node,
    );
    const found = await diff(model, { ...model, graph: { ...model.graph, nodes }, opsets: new Map([['', 18]]) });
    expect(found.same).toBe(false);
    expect(found.facts).toEqual([{ what: 'opset of ai.onnx', a: expect.any(String), b: '18' }]);
    expect(found.nodes.map(({ change, op, what }) => [change, op, what])).toEqual([
      ['changed', 'Gemm', ['attribute alpha']],
      ['changed', 'Gemm', ['attribute alpha']],
    ]);
    const named = await diff(model, { ...model, metadata: new Map([['author', 'me']]) });
    expect(named).toMatchObject({ same: true });
    expect(named.facts.map(({ what }) => what)).toContain('metadata author');
  });
});
