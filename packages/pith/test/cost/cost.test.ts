/** Costs against numbers that are known from the literature or counted by hand. */
import { expect, test } from 'vitest';
import type { NodeData } from '../../src/base/tensor.js';
import { costOf } from '../../src/cost/cost.js';
import { peakMemory } from '../../src/cost/memory.js';
import { networkOf, networks } from '../../src/zoo/list.js';
import { buildNetwork } from '../../src/zoo/network.js';

const cost = (name: string) => costOf(buildNetwork(networkOf(name)));

test('LeNet-5 takes 288,000 + 1,600,000 + 400,000 + 5,000 multiply-adds', () => {
  const { nodes, totals } = cost('lenet-5');
  const layers = nodes.filter((n) => n.multiplyAdds > 0);
  expect(layers.map((n) => [n.name, n.multiplyAdds, n.parameters])).toEqual([
    ['conv1', 288_000, 520],
    ['conv2', 1_600_000, 25_050],
    ['fc1', 400_000, 400_500],
    ['fc2', 5_000, 5_010],
  ]);
  expect(totals).toEqual({
    multiplyAdds: 2_293_000,
    parameters: 431_080,
    weightBytes: 4 * 431_080,
    // image, conv1, pool1, conv2, pool2, flattened, fc1, relu, fc2, logits
    activationBytes: 4 * (784 + 11_520 + 2_880 + 3_200 + 800 + 800 + 500 + 500 + 10 + 10),
    // while the first pooling reads what the first convolution wrote
    peakActivationBytes: 4 * (11_520 + 2_880),
  });
});

test('LeNet-300-100 takes as many multiply-adds as it has weights', () => {
  const { totals } = cost('lenet-300-100');
  expect([totals.multiplyAdds, totals.parameters]).toEqual([266_200, 266_610]);
});

test('ResNet-20 takes 40.55 million multiply-adds in its convolutions and its last layer', () => {
  const { nodes, totals } = cost('resnet-20');
  const weights = nodes.filter((n) => n.op === 'Conv' || n.op === 'Gemm');
  expect(weights.length).toBe(20);
  // The first layer, then by stage 16²·9·32², 32²·9·16² and 64²·9·8² for each convolution, half for the one that widens.
  expect(weights.reduce((sum, n) => sum + n.multiplyAdds, 0)).toBe(442_368 + 16 * 2_359_296 + 2 * 1_179_648 + 640);
  expect(totals.parameters).toBe(269_722);
});

test.each(networks.map((n) => [n.name, n.parameters] as const))('%s has the parameters of its description', (name, parameters) => {
  expect(cost(name).totals.parameters).toBe(parameters);
});

test('the batch multiplies activations and multiply-adds, not weights', () => {
  const model = buildNetwork(networkOf('lenet-300-100'));
  const [one, four] = [costOf(model).totals, costOf(model, { bind: () => 4 }).totals];
  expect(four).toEqual({
    ...one,
    multiplyAdds: 4 * one.multiplyAdds,
    activationBytes: 4 * one.activationBytes,
    peakActivationBytes: 4 * one.peakActivationBytes,
  });
});

test('a weight that two nodes read is counted once', () => {
  const model = buildNetwork(networkOf('lenet-300-100'));
  const [first] = model.graph.nodes.filter((n) => n.op === 'Gemm');
  const twin: NodeData = { ...first!, name: 'twin', outputs: ['twin'] };
  const shared = { ...model, graph: { ...model.graph, nodes: [...model.graph.nodes, twin] } };
  expect(costOf(shared).totals.parameters).toBe(266_610);
  expect(costOf(shared).totals.multiplyAdds).toBe(266_200 + 235_200);
});

test('memory is freed after the last reader and outputs stay', () => {
  const node = (inputs: string[], output: string): NodeData => ({
    op: 'Add',
    domain: '',
    name: output,
    inputs,
    outputs: [output],
    attributes: new Map(),
  });
  const sizes: Readonly<Record<string, number>> = { x: 1, a: 10, b: 100, c: 1000 };
  const peak = (order: readonly NodeData[], outputs: readonly string[]) =>
    peakMemory({ order, inputs: ['x'], outputs, bytes: (name) => sizes[name] ?? 0 });
  const chain = [node(['x'], 'a'), node(['a'], 'b'), node(['b'], 'c')];
  expect(peak(chain, ['c'])).toBe(1100);
  expect(peak(chain, ['a', 'c'])).toBe(1110);
  expect(peak([...chain.slice(0, 2), node(['b', 'x'], 'c')], ['c'])).toBe(1101);
});
