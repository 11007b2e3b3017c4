/**
 * Joins nodes that one kernel does in one pass: batch normalization and clamps with what is before them, biases with products, and the
 * written-out forms of SiLU, HardSwish and GELU. Only values that one node reads, and that nobody asks for, may vanish.
 */
import { densify, dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { NodeData } from '../model.js';
import { byName } from '../operators/by-name.js';
import { NodeView, type Tail } from '../operators/node-view.js';
import { affineOf } from '../operators/normalize.js';
import { clipRange } from '../operators/unary.js';
import { countOf } from '../operators/value.js';
import { nodeOf, type PlanNode } from './lower.js';

class Fusion {
  /** What is left, in order; a node may be replaced by another in its place. */
  private readonly list: (PlanNode | undefined)[] = [];
  /** Place in the list of the node that makes a value. */
  private readonly makers = new Map<string, number>();
  private readonly readers = new Map<string, number>();
  private readonly constants: ReadonlyMap<string, StoredTensor>;

  constructor(nodes: readonly PlanNode[], outputs: readonly string[], constants: ReadonlyMap<string, StoredTensor>) {
    this.constants = constants;
    for (const name of [...outputs, ...nodes.flatMap(({ node }) => node.inputs)]) this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
    // an output counts twice: it must not vanish
    for (const name of outputs) this.readers.set(name, this.readers.get(name)! + 1);
  }

  get nodes(): PlanNode[] {
    return this.list.filter((node) => node !== undefined);
  }

  add(given: PlanNode): void {
    const at = this.list.length;
    this.list.push(given);
    for (const name of given.node.outputs) this.makers.set(name, at);
  }

  /** The node that makes a value which only one node reads. */
  sole(name: string | undefined): PlanNode | undefined {
    return name !== undefined && this.readers.get(name) === 1 ? this.maker(name) : undefined;
  }

  maker(name: string): PlanNode | undefined {
    const at = this.makers.get(name);
    return at === undefined ? undefined : this.list[at];
  }

  /** The only number of a constant. */
  number(name: string | undefined): number | undefined {
    const found = name === undefined ? undefined : this.constants.get(name);
    return found && countOf(dimsOfStored(found)) === 1 ? Number(densify(found).data[0]) : undefined;
  }

  constant(name: string | undefined): StoredTensor | undefined {
    return name === undefined ? undefined : this.constants.get(name);
  }

  /** `before` does the work of `after` too, and gives its result. */
  extend(before: PlanNode, after: PlanNode, change: { readonly tail?: Tail; readonly inputs?: readonly string[] }): void {
    const at = this.makers.get(before.node.outputs[0]!)!;
    const node = { ...before.node, outputs: after.node.outputs, inputs: change.inputs ?? before.node.inputs };
    this.list[at] = { node, tail: change.tail ?? before.tail, fused: [...before.fused, nameOf(after.node), ...after.fused] };
    this.makers.set(after.node.outputs[0]!, at);
  }

  /** One node in place of several: the last, and those that are given. */
  replace(last: PlanNode, gone: readonly PlanNode[], op: string, x: string): void {
    for (const { node } of gone) this.list[this.makers.get(node.outputs[0]!)!] = undefined;
    this.add({ node: nodeOf(last.node, op, [x], last.node.outputs[0]!), tail: last.tail, fused: gone.map(({ node }) => nameOf(node)) });
    // the last and one of the others read x
    this.readers.set(x, this.readers.get(x)! - 1);
  }
}

const nameOf = (node: NodeData): string => `${node.op} ${node.name || (node.outputs[0] ?? '')}`;

/** Tries to make one of it and what is there; true where it did. */
type Rule = (to: Fusion, node: PlanNode, opset: number) => boolean;

const bare = ({ low, high }: Tail): boolean => low === -Infinity && high === Infinity;

/** Outputs of a product with a constant weight along axis 1. */
function channelsOf(to: Fusion, { op, inputs, attributes }: NodeData): number | undefined {
  const weight = to.constant(inputs[1]);
  if (!weight) return undefined;
  const dims = dimsOfStored(weight);
  if (op === 'Conv') return dims[0];
  const turned = attributes.get('transB');
  return op === 'Gemm' ? dims[turned?.kind === 'int' && Number(turned.value) === 1 ? 0 : 1] : undefined;
}

const batchNorm: Rule = (to, given, opset) => {
  const { node } = given;
  const before = to.sole(node.inputs[0]);
  if (node.op !== 'BatchNormalization' || !before || !bare(before.tail) || node.outputs.length > 1) return false;
  const parts = node.inputs.slice(1).map((name) => to.constant(name));
  const channels = channelsOf(to, before.node);
  if (channels === undefined || parts.some((part) => part === undefined || dimsOfStored(part).join() !== String(channels))) return false;
  const view = new NodeView(node, opset, new Map(node.inputs.slice(1).map((name, i) => [name, parts[i]!])));
  const { scale, shift } = affineOf(
    [1, 2, 3, 4].map((i) => view.floats(i)),
    view.float('epsilon', 1e-5),
  );
  const { tail } = before;
  const whole = {
    scale: tail.scale ? scale.map((s, c) => s * tail.scale![c]!) : scale,
    shift: tail.shift ? shift.map((s, c) => s + tail.shift![c]! * scale[c]!) : shift,
  };
  to.extend(before, given, { tail: { ...tail, ...whole } });
  return true;
};

/** MatMul does so only with a constant matrix. */
function clamps(to: Fusion, { node }: PlanNode): boolean {
  if (node.op !== 'MatMul') return byName.get(node.op)?.clamps === true;
  const weight = to.constant(node.inputs[1]);
  return weight !== undefined && dimsOfStored(weight).length === 2;
}

const clamp: Rule = (to, given, opset) => {
  const { node } = given;
  if (node.op !== 'Relu' && node.op !== 'Clip') return false;
  const before = to.sole(node.inputs[0]);
  if (!before || !clamps(to, before)) return false;
  const bounds = node.inputs.slice(1).filter((name) => name !== '');
  if (bounds.some((name) => !to.constant(name))) return false;
  const [low, high] =
    node.op === 'Relu' ? [0, Infinity] : clipRange(new NodeView(node, opset, new Map(bounds.map((name) => [name, to.constant(name)!]))));
  const within = (x: number): number => Math.min(Math.max(x, low), high);
  to.extend(before, given, { tail: { ...before.tail, low: within(before.tail.low), high: within(before.tail.high) } });
  return true;
};

const bias: Rule = (to, given) => {
  const { node } = given;
  if (node.op !== 'Add') return false;
  return [0, 1].some((i) => {
    const before = to.sole(node.inputs[i]);
    const other = node.inputs[1 - i];
    const weight = before && to.constant(before.node.inputs[1]);
    const added = to.constant(other);
    if (before?.node.op !== 'MatMul' || before.node.inputs.length > 2 || !bare(before.tail) || !weight || !added) return false;
    const [columns, dims] = [dimsOfStored(weight)[1], dimsOfStored(added)];
    if (dimsOfStored(weight).length !== 2 || dims.length !== 1 || dims[0] !== columns) return false;
    to.extend(before, given, { inputs: [...before.node.inputs, other!] });
    return true;
  });
};

/** x · sigmoid(x), x · hardSigmoid(x). */
const gated: Rule = (to, given, opset) => {
  const { node } = given;
  if (node.op !== 'Mul' || !bare(given.tail)) return false;
  return [0, 1].some((i) => {
    const gate = to.sole(node.inputs[i]);
    const x = node.inputs[1 - i]!;
    if (!gate || gate.node.inputs[0] !== x) return false;
    const view = new NodeView(gate.node, opset, new Map());
    const hard = gate.node.op === 'HardSigmoid' && Math.abs(view.float('alpha', 0.2) - 1 / 6) < 1e-6 && view.float('beta', 0.5) === 0.5;
    if (gate.node.op !== 'Sigmoid' && !hard) return false;
    to.replace(given, [gate], hard ? 'HardSwish' : 'Swish', x);
    return true;
  });
};

/** The factors of a product of products, and the nodes that make them. */
function factors(to: Fusion, node: NodeData, inner: PlanNode[] = []): { names: string[]; inner: PlanNode[] } {
  const names = node.inputs.flatMap((name) => {
    const maker = to.sole(name);
    if (maker?.node.op !== 'Mul' || !bare(maker.tail) || inner.length > 2) return [name];
    inner.push(maker);
    return factors(to, maker.node, inner).names;
  });
  return { names, inner };
}

const near = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 1e-4;

/** x · ½ · (1 + erf(x / √2)), in any order of the factors. */
const gelu: Rule = (to, given) => {
  const { node } = given;
  if (node.op !== 'Mul' || !bare(given.tail)) return false;
  const { names, inner } = factors(to, node);
  if (names.length !== 3) return false;
  for (const name of names) {
    const sum = to.sole(name);
    if (sum?.node.op !== 'Add' || !bare(sum.tail)) continue;
    const at = sum.node.inputs.findIndex((input) => near(to.number(input), 1));
    const erf = at < 0 ? undefined : to.sole(sum.node.inputs[1 - at]);
    const scaled = erf?.node.op === 'Erf' ? to.sole(erf.node.inputs[0]) : undefined;
    const x = scaled?.node.inputs[0];
    if (!erf || !scaled || x === undefined) continue;
    const root = to.number(scaled.node.inputs[1]);
    if (!(scaled.node.op === 'Div' && near(root, Math.SQRT2)) && !(scaled.node.op === 'Mul' && near(root, Math.SQRT1_2))) continue;
    const rest = names.filter((other) => other !== name);
    if (!rest.includes(x) || !rest.some((other) => near(to.number(other), 0.5))) continue;
    to.replace(given, [...inner, sum, erf, scaled], 'Gelu', x);
    return true;
  }
  return false;
};

const rules: readonly Rule[] = [batchNorm, clamp, bias, gated, gelu];

export function fused(
  nodes: readonly PlanNode[],
  outputs: readonly string[],
  constants: ReadonlyMap<string, StoredTensor>,
  opset: number,
): PlanNode[] {
  const to = new Fusion(nodes, outputs, constants);
  for (const node of nodes) if (!rules.some((rule) => rule(to, node, opset))) to.add(node);
  return to.nodes;
}
