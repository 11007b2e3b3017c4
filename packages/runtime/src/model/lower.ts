/** Rewrites nodes into forms that the operators run: Gemm with any operands becomes Transpose, MatMul, Mul and Add where it must. */
import { dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { Attribute, NodeData } from '../model.js';
import { noTail, type Tail } from '../operators/node-view.js';
import { countOf } from '../operators/value.js';
import type { Tensor } from '../tensor.js';

/** A node on its way to a kernel, and what it stands for. */
export interface PlanNode {
  readonly node: NodeData;
  readonly tail: Tail;
  /** Operators and names of nodes whose work is part of this one. */
  readonly fused: readonly string[];
}

export const nodeOf = (
  from: NodeData,
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly (readonly [string, Attribute])[] = [],
): NodeData => ({ op, domain: '', name: from.name || (from.outputs[0] ?? ''), inputs, outputs: [output], attributes: new Map(attributes) });

const scalar = (value: number): StoredTensor => ({
  kind: 'dense',
  tensor: { dtype: 'float32', dims: [], data: Float32Array.of(value) } satisfies Tensor,
});

const numberOf = (node: NodeData, name: string, otherwise: number): number => {
  const found = node.attributes.get(name);
  return found?.kind === 'int' || found?.kind === 'float' ? Number(found.value) : otherwise;
};

/** New constants are added to `constants`. */
export function lowered(nodes: readonly NodeData[], constants: Map<string, StoredTensor>): PlanNode[] {
  const plain = (node: NodeData): PlanNode => ({ node, tail: noTail, fused: [] });
  return nodes.flatMap((node) => (node.op === 'Gemm' ? loweredGemm(node, constants) : [node]).map(plain));
}

function loweredGemm(node: NodeData, constants: Map<string, StoredTensor>): NodeData[] {
  const [a = '', b = '', c = ''] = node.inputs;
  const [y = ''] = node.outputs;
  const made: NodeData[] = [];
  const swap: readonly (readonly [string, Attribute])[] = [['perm', { kind: 'ints', value: [1, 0] }]];
  const step = (op: string, inputs: readonly string[], name: string, attributes = swap): string => {
    const output = `${y}/${name}`;
    made.push(nodeOf(node, op, inputs, output, op === 'Transpose' ? attributes : []));
    return output;
  };
  const left = numberOf(node, 'transA', 0) ? step('Transpose', [a], 'A') : a;
  const weight = constants.get(b);
  const columns = weight && dimsOfStored(weight)[numberOf(node, 'transB', 0) ? 0 : 1];
  const bias = constants.get(c);
  const biasDims = bias && dimsOfStored(bias);
  const fits = c === '' || (biasDims && (countOf(biasDims) === 1 || (biasDims.at(-1) === columns && countOf(biasDims) === columns)));
  if (weight && fits) return [...made, { ...node, inputs: [left, ...node.inputs.slice(1)], attributes: without(node, 'transA') }];

  const scaled = (value: string, name: 'alpha' | 'beta'): string => {
    const factor = numberOf(node, name, 1);
    if (factor === 1) return value;
    constants.set(`${y}/${name}`, scalar(factor));
    return step('Mul', [value, `${y}/${name}`], `${name}·`);
  };
  let product: string;
  if (weight) {
    product = `${y}/AB`;
    made.push({ ...node, inputs: [left, b], outputs: [product], attributes: without(node, 'transA') });
  } else product = scaled(step('MatMul', [left, numberOf(node, 'transB', 0) ? step('Transpose', [b], 'B') : b], 'AB'), 'alpha');
  const last = c === '' ? nodeOf(node, 'Identity', [product], y) : nodeOf(node, 'Add', [product, scaled(c, 'beta')], y);
  return [...made, last];
}

const without = (node: NodeData, name: string): ReadonlyMap<string, Attribute> =>
  new Map([...node.attributes].filter(([given]) => given !== name));
