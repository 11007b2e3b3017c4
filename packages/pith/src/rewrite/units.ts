/**
 * Hidden units (channels of a convolution, rows of a matrix product) as something that can be chosen: which tensors make the units of a
 * layer, which read them, and the model with only some of them, in any order. A layer whose units reach anything else than one kind of
 * reader per path, such as a sum of two branches, is refused with the reason.
 */
import { PithError } from '../base/errors.js';
import { inOrder, reads } from '../base/order.js';
import { type DType, type Model, type NodeData, sizeOf, type Tensor, type TensorData } from '../base/tensor.js';
import type { Known } from '../graph/value.js';
import { inferGraph } from '../ops/infer.js';

/** Where units stand in a tensor: unit u has the entries u · run … u · run + run − 1 along the axis. */
export interface Cut {
  readonly tensor: string;
  readonly axis: number;
  readonly run: number;
}

export interface UnitGroup {
  /** The weight that makes the units. */
  readonly maker: string;
  readonly count: number;
  /** The maker's own tensors: its weight first, then its bias where it has one. */
  readonly made: readonly Cut[];
  /** Scales, shifts and statistics on the way. */
  readonly passed: readonly Cut[];
  /** Weights that read the units. */
  readonly read: readonly Cut[];
  /** What is zero where the unit is zero stays zero up to the readers. */
  readonly keepsZero: boolean;
}

/** A group, or why its units cannot be chosen. */
export type UnitVerdict = UnitGroup | { readonly maker: string; readonly no: string };

/** Operators of one input that treat each channel by itself, and whether they make zero of zero. */
const channelwise: Readonly<Record<string, boolean>> = {
  Relu: true,
  LeakyRelu: true,
  Tanh: true,
  Identity: true,
  Dropout: true,
  MaxPool: true,
  AveragePool: true,
  GlobalAveragePool: true,
  GlobalMaxPool: true,
  HardSwish: true,
  Gelu: true,
  Sigmoid: false,
  Clip: false,
  Elu: true,
  Softplus: false,
};

/** Every layer of the model that makes units, in the order of the graph. */
export function unitGroups(model: Model): UnitVerdict[] {
  const { graph } = model;
  const nodes = inOrder(graph.nodes);
  const types = inferGraph(graph, model.opsets.get('') ?? 0, () => 1);
  const readers = new Map<string, NodeData[]>();
  for (const node of nodes) for (const name of reads(node)) readers.set(name, [...(readers.get(name) ?? []), node]);
  const alone = (name: string): boolean => graph.initializers.get(name)?.dtype === 'float32' && readers.get(name)?.length === 1;
  const search: Search = { readers, types, alone, outputs: new Set(graph.outputs.map((v) => v.name)) };
  return nodes.flatMap((node): UnitVerdict[] => {
    const made = makerOf(node, search);
    return made ? [follow(node, made, search)] : [];
  });
}

interface Search {
  readonly readers: ReadonlyMap<string, readonly NodeData[]>;
  readonly types: ReadonlyMap<string, Known>;
  /** Whether this is an initializer that one node alone reads. */
  readonly alone: (name: string) => boolean;
  readonly outputs: ReadonlySet<string>;
}

const flag = (node: NodeData, name: string, otherwise = 0): number => {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? Number(attribute.value) : otherwise;
};

/** The axis of a layer's weight that counts its inputs, −1 where there is none. */
function inputAxis(node: NodeData): number {
  if (node.op === 'Conv') return flag(node, 'group', 1) === 1 ? 1 : -1;
  if (node.op === 'Gemm') return flag(node, 'transA') === 1 ? -1 : flag(node, 'transB');
  return node.op === 'MatMul' ? 0 : -1;
}

function makerOf(node: NodeData, { types, alone }: Search): readonly Cut[] | undefined {
  const axis = inputAxis(node);
  const [, weight, bias] = node.inputs;
  if (axis < 0 || !weight || !alone(weight) || types.get(weight)!.dims.length < 2) return undefined;
  const whole: Cut = { tensor: weight, axis: 1 - axis, run: 1 };
  if (!bias) return [whole];
  const { dims } = types.get(bias)!;
  const count = types.get(weight)!.dims[1 - axis]!;
  return alone(bias) && dims.at(-1) === count && sizeOf(dims) === count
    ? [whole, { tensor: bias, axis: dims.length - 1, run: 1 }]
    : undefined;
}

function follow(node: NodeData, made: readonly Cut[], { readers, types, alone, outputs }: Search): UnitVerdict {
  const [own] = made;
  const maker = own!.tensor;
  const count = types.get(maker)!.dims[own!.axis]!;
  const passed: Cut[] = [];
  const read: Cut[] = [];
  const biases = [...made];
  let keepsZero = true;
  const ahead = [{ value: node.outputs[0]!, run: 1 }];
  for (let at = ahead.pop(); at; at = ahead.pop()) {
    const { value, run } = at;
    if (outputs.has(value)) return { maker, no: `${value} is an output of the model` };
    for (const next of readers.get(value) ?? []) {
      const output = next.outputs[0]!;
      const first = next.inputs[0] === value && next.inputs.indexOf(value, 1) < 0;
      const dims = types.get(value)!.dims;
      const wide = types.get(output)!.dims;
      const axis = inputAxis(next);
      const other = next.inputs.find((name) => name !== value) ?? '';
      const spread = sizeOf(dims) / (dims[0]! * count * run);
      if (first && axis >= 0 && alone(next.inputs[1]!) && spread >= 1) read.push({ tensor: next.inputs[1]!, axis, run });
      else if (first && next.op in channelwise && next.domain === '') {
        keepsZero &&= channelwise[next.op]!;
        ahead.push({ value: output, run });
      } else if (first && next.op === 'BatchNormalization' && next.inputs.slice(1, 5).every(alone)) {
        for (const tensor of next.inputs.slice(1, 5)) passed.push({ tensor, axis: 0, run });
        keepsZero = false;
        ahead.push({ value: output, run });
      } else if (first && isFlattening(next, types) && wide.length === 2 && wide[1] === count * run * spread)
        ahead.push({ value: output, run: run * spread });
      else if (
        next.op === 'Add' &&
        alone(other) &&
        types.get(other)!.dims.at(-1) === count &&
        dims.length === 2 &&
        run === 1 &&
        made.length === 1
      ) {
        biases.push({ tensor: other, axis: types.get(other)!.dims.length - 1, run: 1 });
        ahead.push({ value: output, run });
      } else return { maker, no: `${next.op} "${next.name}" reads its units` };
    }
  }
  if (read.length === 0) return { maker, no: 'nothing reads its units' };
  return { maker, count, made: biases, passed, read, keepsZero };
}

/** Images × all the rest, whatever their number: it stays right when there are fewer units. */
function isFlattening({ op, domain, attributes, inputs }: NodeData, types: ReadonlyMap<string, Known>): boolean {
  if (domain !== '') return false;
  if (op === 'Flatten') return Number(attributes.get('axis')?.value ?? 1) === 1;
  const shape = op === 'Reshape' ? types.get(inputs[1] ?? '')?.constant : undefined;
  return shape?.data.length === 2 && Number(shape.data[1]) === -1;
}

/** An array of `dims` with only the entries of these units along the cut, in their order. */
export function chooseFrom<T extends TensorData>(data: T, dims: readonly number[], { axis, run }: Cut, units: readonly number[]): T {
  const inner = sizeOf(dims.slice(axis + 1)) * run;
  const before = (dims[axis]! / run) * inner;
  const outer = sizeOf(dims.slice(0, axis));
  const chosen = new (data.constructor as new (length: number) => T)(outer * units.length * inner);
  for (let o = 0, to = 0; o < outer; o++)
    for (const unit of units) {
      for (let i = 0; i < inner; i++) chosen[to + i] = data[o * before + unit * inner + i]!;
      to += inner;
    }
  return chosen;
}

export const chosenDims = (dims: readonly number[], { axis, run }: Cut, units: readonly number[]): number[] =>
  dims.map((d, i) => (i === axis ? units.length * run : d));

/** All tensors of a group. */
export const cutsOf = ({ made, passed, read }: UnitGroup): Cut[] => [...made, ...passed, ...read];

/**
 * The model with only these units of a group, in this order. Throws `usage.units` for none, or for one that is not there. Shapes that the
 * file says of values between nodes are dropped.
 */
export function chooseUnits(model: Model, group: UnitGroup, units: readonly number[]): Model {
  if (units.length === 0 || units.some((u) => !Number.isInteger(u) || u < 0 || u >= group.count))
    throw new PithError('usage.units', {
      at: { tensor: group.maker },
      expected: `at least one of the units 0 … ${group.count - 1}`,
      got: units.length === 0 ? 'none' : units.join(', ').slice(0, 80),
    });
  const initializers = new Map(model.graph.initializers);
  for (const cut of cutsOf(group)) {
    const { dtype, dims, data } = initializers.get(cut.tensor)!;
    initializers.set(cut.tensor, tensor(dtype, chosenDims(dims, cut, units), chooseFrom(data, dims, cut, units)));
  }
  return { ...model, graph: { ...model.graph, initializers, valueInfo: [] } };
}

const tensor = (dtype: DType, dims: readonly number[], data: TensorData): Tensor => ({ dtype, dims, data });
