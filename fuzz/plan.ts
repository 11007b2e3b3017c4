/**
 * Planning: whatever graph a file holds, it is refused or gets its kernels, shapes and memory. Changed is the graph itself: operators,
 * inputs, attributes and the whole numbers that shapes are made of.
 */
import type { Random } from '../packages/pith/src/base/random.js';
import { readPith } from '../packages/runtime/src/format/read.js';
import type { StoredTensor } from '../packages/runtime/src/format/stored.js';
import { writePith } from '../packages/runtime/src/format/write.js';
import { LoadedModel } from '../packages/runtime/src/model/loaded-model.js';
import type { Attribute, NodeData, ValueInfo } from '../packages/runtime/src/model.js';
import { operators } from '../packages/runtime/src/operators/list.js';
import { networks, storedAs } from '../packages/runtime/test/help/networks.js';
import type { Target } from './target.js';

const limits = { maxDecodedBytes: 256 * 1024 };
const maxBytes = 16 * 1024 * 1024;

const seeds = (): Uint8Array[] =>
  Object.values(networks).map((build) => {
    const model = build();
    return writePith({ model, stored: storedAs('sparse', model), coder: 'raw' }).bytes;
  });

const wild = [-1, 0, 1, 2, 3, 4, 7, 16, -2, 255, 65536, 2 ** 24, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER];
const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)]!;

function changedAttribute(random: Random, attribute: Attribute): Attribute {
  if (attribute.kind === 'int') return { kind: 'int', value: pick(random, wild) };
  if (attribute.kind === 'float') return { kind: 'float', value: Math.fround(pick(random, [...wild, Number.NaN, 1e30, -0.5])) };
  if (attribute.kind !== 'ints') return attribute;
  const value = attribute.value.map((v) => (random.below(3) === 0 ? pick(random, wild) : v));
  return { kind: 'ints', value: random.below(4) === 0 ? [...value, pick(random, wild)] : value };
}

const known = [
  'axis',
  'axes',
  'perm',
  'pads',
  'strides',
  'dilations',
  'kernel_shape',
  'group',
  'keepdims',
  'to',
  'ceil_mode',
  'transA',
  'transB',
];

function changedNode(random: Random, node: NodeData, before: readonly string[]): NodeData {
  switch (random.below(5)) {
    case 0:
      return { ...node, op: pick(random, operators).name };
    case 1:
      return { ...node, inputs: node.inputs.map((name) => (random.below(2) === 0 ? pick(random, [...before, '']) : name)) };
    case 2:
      return { ...node, inputs: random.below(2) === 0 ? node.inputs.slice(0, -1) : [...node.inputs, pick(random, before)] };
    case 3: {
      const name = pick(random, known);
      const list = Array.from({ length: 1 + random.below(5) }, () => pick(random, wild));
      const made: Attribute = /axis|group|keepdims|to|mode|trans/.test(name)
        ? { kind: 'int', value: list[0]! }
        : { kind: 'ints', value: list };
      return { ...node, attributes: new Map([...node.attributes, [name, made]]) };
    }
    default:
      return { ...node, attributes: new Map([...node.attributes].map(([name, a]) => [name, changedAttribute(random, a)])) };
  }
}

function changedTensor(random: Random, stored: StoredTensor): StoredTensor {
  if (stored.kind !== 'dense' || !(stored.tensor.data instanceof BigInt64Array)) return stored;
  const data = stored.tensor.data.map((v) => (random.below(3) === 0 ? BigInt(pick(random, wild)) : v));
  return { kind: 'dense', tensor: { ...stored.tensor, data } };
}

const changedInput = (random: Random, input: ValueInfo): ValueInfo => ({
  ...input,
  dims:
    random.below(8) === 0
      ? null
      : (input.dims ?? []).map((d) => (random.below(3) === 0 ? pick(random, [...wild.filter((w) => w >= 0), 'M']) : d)),
});

/** The bytes as they are where they hold no graph, or the changed graph is one that no file can hold. */
function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  try {
    return changed(random, bytes);
  } catch {
    return bytes;
  }
}

function changed(random: Random, bytes: Uint8Array): Uint8Array {
  const { model, tensors, metadata } = readPith(bytes, limits);
  const { graph } = model;
  const before = [...graph.inputs.map(({ name }) => name), ...tensors.keys()];
  const nodes = graph.nodes.map((node) => {
    const changed = random.below(graph.nodes.length) === 0 ? changedNode(random, node, before) : node;
    before.push(...node.outputs);
    return changed;
  });
  const inputs = random.below(4) === 0 ? graph.inputs.map((input) => changedInput(random, input)) : graph.inputs;
  const stored = new Map([...tensors].map(([name, tensor]) => [name, random.below(6) === 0 ? changedTensor(random, tensor) : tensor]));
  return writePith({ model: { ...model, graph: { ...graph, nodes, inputs } }, stored, metadata, coder: 'raw' }).bytes;
}

export const target: Target = {
  name: 'plan',
  seeds,
  mutate,
  // the heap of a machine, and constants on their way there
  allowance: 4 * maxBytes,
  run(bytes) {
    LoadedModel.open(readPith(bytes, limits), { maxBytes });
  },
};
