/**
 * Builder words: `op.Mul(a, b)` adds a node to a graph and returns its value with its type. The words know which form (attribute or
 * input) each opset from 17 on wants; gradient rules, losses, optimizers, parametrizations and the zoo are all written with them.
 * Types come from the operators' own shape rules, handed in as `infer`, so that this room needs to know no operator.
 */
import { PithError } from '../base/errors.js';
import { type Attribute, type DType, dtypes, type NodeData, type Tensor } from '../base/tensor.js';
import type { Graph } from './graph.js';
import type { Known, TensorType, Value } from './value.js';

/** Types and, where they are constant and small, contents of a node's outputs. */
export type Infer = (node: NodeData, inputs: readonly (Known | undefined)[], opset: number) => readonly Known[];

export type AttributeValue = number | string | readonly number[] | { readonly float: number } | Tensor;
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

function attribute(value: AttributeValue): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (Array.isArray(value)) return { kind: 'ints', value: value as readonly number[] };
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'tensor', value: value as Tensor };
}

export class Builder {
  readonly graph: Graph;
  readonly opset: number;
  private readonly infer: Infer;
  private readonly constants = new Map<string, Value>();
  /** Values that gradients do not cross: see Stop. */
  readonly stopped = new Set<string>();
  /** Prepended to the names of all that is built, so that a reader of the graph sees where a node comes from. */
  readonly prefix: string;

  constructor(graph: Graph, opset: number, infer: Infer, prefix = '') {
    this.graph = graph;
    this.opset = opset;
    this.infer = infer;
    this.prefix = prefix;
  }

  /** Any operator, by name. Attributes: a number is an int, `{ float }` a float. */
  node(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}, outputs: number | readonly string[] = 1): Value[] {
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.graph.fresh(`${this.prefix}${op}`)) : outputs;
    const given = Object.entries(attributes).flatMap(([k, v]) => (v === undefined ? [] : [[k, attribute(v)] as const]));
    const added = this.graph.add({
      op,
      name: names[0]!,
      inputs: inputs.map((v) => v?.name ?? ''),
      outputs: names,
      attributes: new Map(given),
    });
    const types = this.infer(added, inputs, this.opset);
    return names.map((name, i) => {
      const type = types[i];
      if (!type) throw new PithError('bug.builder', { at: { op }, expected: `${names.length} outputs`, got: `${types.length} types` });
      return { ...type, name };
    });
  }

  private one(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    return this.node(op, inputs, attributes)[0]!;
  }

  /** An initializer. Small ones with equal contents are shared. */
  constant(tensor: Tensor, name = 'const'): Value {
    const key = tensor.data.length <= 16 ? keyOf(tensor) : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known) return known;
    const value: Value = { dtype: tensor.dtype, dims: tensor.dims, constant: tensor, name: this.graph.fresh(`${this.prefix}${name}`) };
    this.graph.initializers.set(value.name, tensor);
    if (key !== undefined) this.constants.set(key, value);
    return value;
  }

  /** A scalar of type float32 (unless said), float64 or int64. Throws `unsupported.dtype`: training in half precision starts with a Cast. */
  scalar(x: number, dtype: DType = 'float32'): Value {
    if (dtype !== 'float32' && dtype !== 'float64' && dtype !== 'int64')
      throw new PithError('unsupported.dtype', { expected: 'float32, float64 or int64', got: dtype, fix: 'cast to float32 first' });
    const data = dtype === 'float64' ? Float64Array.of(x) : dtype === 'int64' ? BigInt64Array.of(BigInt(x)) : Float32Array.of(x);
    return this.constant({ dtype, dims: [], data });
  }

  /** An int64 vector: shapes, axes, pads. */
  ints(...list: readonly number[]): Value {
    return this.constant({ dtype: 'int64', dims: [list.length], data: BigInt64Array.from(list, BigInt) });
  }

  /** A graph input. */
  input(name: string, type: TensorType): Value {
    const unique = this.graph.fresh(name);
    this.graph.inputs.push({ name: unique, dtype: type.dtype, dims: type.dims });
    return { ...type, name: unique };
  }

  /** Makes a value a graph output under a name of its own. */
  output(name: string, value: Value): Value {
    const unique = this.graph.fresh(name);
    this.graph.add({ op: 'Identity', name: unique, inputs: [value.name], outputs: [unique] });
    this.graph.outputs.push({ name: unique, dtype: value.dtype, dims: value.dims });
    return { ...value, name: unique };
  }

  Abs = (x: Value): Value => this.one('Abs', [x]);
  Add = (a: Value, b: Value): Value => this.one('Add', [a, b]);
  And = (a: Value, b: Value): Value => this.one('And', [a, b]);
  AveragePool = (x: Value, attributes: Attributes): Value => this.one('AveragePool', [x], attributes);
  /** Inference form: y = (x − mean) / sqrt(variance + epsilon) · scale + bias per channel. */
  BatchNormalization = (x: Value, scale: Value, bias: Value, mean: Value, variance: Value, attributes: Attributes = {}): Value =>
    this.one('BatchNormalization', [x, scale, bias, mean, variance], attributes);
  Cast = (x: Value, to: DType): Value => (x.dtype === to ? x : this.one('Cast', [x], { to: dtypes[to].onnx }));
  Clip = (x: Value, low: number, high: number): Value => this.one('Clip', [x, this.scalar(low, x.dtype), this.scalar(high, x.dtype)]);
  Concat = (parts: readonly Value[], axis: number): Value => (parts.length === 1 ? parts[0]! : this.one('Concat', parts, { axis }));
  Conv = (x: Value, w: Value, b: Value | undefined, attributes: Attributes): Value => this.one('Conv', b ? [x, w, b] : [x, w], attributes);
  ConvTranspose = (x: Value, w: Value, attributes: Attributes): Value => this.one('ConvTranspose', [x, w], attributes);
  CumSum = (x: Value, axis: number, attributes: { exclusive?: number; reverse?: number } = {}): Value =>
    this.one('CumSum', [x, this.scalar(axis, 'int64')], attributes);
  Div = (a: Value, b: Value): Value => this.one('Div', [a, b]);
  Equal = (a: Value, b: Value): Value => this.one('Equal', [a, b]);
  Erf = (x: Value): Value => this.one('Erf', [x]);
  Exp = (x: Value): Value => this.one('Exp', [x]);
  Expand = (x: Value, dims: readonly number[]): Value => this.one('Expand', [x, this.ints(...dims)]);
  Flatten = (x: Value, axis = 1): Value => this.one('Flatten', [x], { axis });
  Gather = (x: Value, index: Value, axis = 0): Value => this.one('Gather', [x, index], { axis });
  GatherElements = (x: Value, index: Value, axis = 0): Value => this.one('GatherElements', [x, index], { axis });
  GatherND = (x: Value, index: Value): Value => this.one('GatherND', [x, index]);
  Gemm = (a: Value, b: Value, c?: Value, attributes: Attributes = {}): Value => this.one('Gemm', c ? [a, b, c] : [a, b], attributes);
  Greater = (a: Value, b: Value): Value => this.one('Greater', [a, b]);
  GreaterOrEqual = (a: Value, b: Value): Value => this.one('GreaterOrEqual', [a, b]);
  HardSigmoid = (x: Value, alpha: number, beta: number): Value =>
    this.one('HardSigmoid', [x], { alpha: { float: alpha }, beta: { float: beta } });
  Identity = (x: Value): Value => this.one('Identity', [x]);
  Less = (a: Value, b: Value): Value => this.one('Less', [a, b]);
  LessOrEqual = (a: Value, b: Value): Value => this.one('LessOrEqual', [a, b]);
  Log = (x: Value): Value => this.one('Log', [x]);
  LogSoftmax = (x: Value, axis = -1): Value => this.one('LogSoftmax', [x], { axis });
  MatMul = (a: Value, b: Value): Value => this.one('MatMul', [a, b]);
  Max = (...list: readonly Value[]): Value => this.one('Max', list);
  MaxPool = (x: Value, attributes: Attributes): Value => this.one('MaxPool', [x], attributes);
  /** `dims`: the output shape where it is larger than what the windows give. */
  MaxUnpool = (x: Value, indices: Value, attributes: Attributes, dims?: readonly number[]): Value =>
    this.one('MaxUnpool', [x, indices, ...(dims ? [this.ints(...dims)] : [])], attributes);
  Min = (...list: readonly Value[]): Value => this.one('Min', list);
  Mul = (a: Value, b: Value): Value => this.one('Mul', [a, b]);
  Neg = (x: Value): Value => this.one('Neg', [x]);
  Not = (x: Value): Value => this.one('Not', [x]);
  Or = (a: Value, b: Value): Value => this.one('Or', [a, b]);
  /** Zero padding; pads as ONNX has them: all starts, then all ends. */
  Pad = (x: Value, pads: readonly number[]): Value => this.one('Pad', [x, this.ints(...pads)]);
  Pow = (a: Value, b: Value): Value => this.one('Pow', [a, b]);
  Reciprocal = (x: Value): Value => this.one('Reciprocal', [x]);
  ReduceMax = (x: Value, axes?: readonly number[], keepdims = true): Value => this.reduce('ReduceMax', x, axes, keepdims, 18);
  ReduceMean = (x: Value, axes?: readonly number[], keepdims = true): Value => this.reduce('ReduceMean', x, axes, keepdims, 18);
  ReduceSum = (x: Value, axes?: readonly number[], keepdims = true): Value => this.reduce('ReduceSum', x, axes, keepdims, 13);
  Relu = (x: Value): Value => this.one('Relu', [x]);
  Reshape = (x: Value, dims: readonly number[]): Value => this.one('Reshape', [x, this.ints(...dims)]);
  /** Nearest neighbour: position i of an axis reads position floor(i / scale). */
  Resize = (x: Value, scales: readonly number[]): Value => {
    const sizes = this.constant({ dtype: 'float32', dims: [scales.length], data: Float32Array.from(scales) });
    return this.one('Resize', [x, undefined, sizes], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  };
  Round = (x: Value): Value => this.one('Round', [x]);
  ScatterElements = (x: Value, indices: Value, updates: Value, axis: number, reduction = 'none'): Value =>
    this.one('ScatterElements', [x, indices, updates], { axis, reduction: reduction === 'none' ? undefined : reduction });
  ScatterND = (x: Value, indices: Value, updates: Value, reduction = 'none'): Value =>
    this.one('ScatterND', [x, indices, updates], { reduction: reduction === 'none' ? undefined : reduction });
  Sigmoid = (x: Value): Value => this.one('Sigmoid', [x]);
  Sign = (x: Value): Value => this.one('Sign', [x]);
  Slice = (x: Value, starts: readonly number[], ends: readonly number[], axes: readonly number[], steps?: readonly number[]): Value =>
    this.one('Slice', [x, this.ints(...starts), this.ints(...ends), this.ints(...axes), ...(steps ? [this.ints(...steps)] : [])]);
  Softmax = (x: Value, axis = -1): Value => this.one('Softmax', [x], { axis });
  Split = (x: Value, sizes: readonly number[], axis: number): Value[] =>
    this.node('Split', [x, this.ints(...sizes)], { axis }, sizes.length);
  Sqrt = (x: Value): Value => this.one('Sqrt', [x]);
  Squeeze = (x: Value, axes: readonly number[]): Value => this.one('Squeeze', [x, this.ints(...axes)]);
  /** The same value, which gradients do not cross; in the written graph an ordinary Identity. */
  Stop = (x: Value): Value => {
    const value = this.one('Identity', [x]);
    this.stopped.add(value.name);
    return value;
  };
  Sub = (a: Value, b: Value): Value => this.one('Sub', [a, b]);
  Tanh = (x: Value): Value => this.one('Tanh', [x]);
  Transpose = (x: Value, perm: readonly number[]): Value => this.one('Transpose', [x], { perm });
  Unsqueeze = (x: Value, axes: readonly number[]): Value => this.one('Unsqueeze', [x, this.ints(...axes)]);
  Where = (condition: Value, a: Value, b: Value): Value => this.one('Where', [condition, a, b]);

  /** Axes are an attribute before `inputSince` and an input from then on. */
  private reduce(op: string, x: Value, axes: readonly number[] | undefined, keepdims: boolean, inputSince: number): Value {
    const keep = { keepdims: keepdims ? 1 : 0 };
    if (this.opset >= inputSince) return this.one(op, axes ? [x, this.ints(...axes)] : [x], keep);
    return this.one(op, [x], { ...keep, axes });
  }
}

/** What makes two small constants equal; −0 differs from 0. */
function keyOf(tensor: Tensor): string {
  const numbers = Array.from(tensor.data as ArrayLike<number | bigint>, (v) => (Object.is(v, -0) ? '-0' : String(v)));
  return `${tensor.dtype}[${tensor.dims}]${numbers}`;
}
