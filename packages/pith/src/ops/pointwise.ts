/** Rule makers for operators that work element by element, with or without broadcasting. */
import { broadcast, broadcastStrides } from '../base/shape.js';
import { type DType, sizeOf } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { free, type Gradient, type GradientView, type NodeView, type Op, type Ref } from './op.js';

/** Whether a type holds real numbers, so that gradients exist. */
export const isFloat = (dtype: DType): boolean => dtype.startsWith('float') || dtype === 'bfloat16';

/** The gradient of steps and truth values. */
export const flat: Gradient = { kind: 'zero', why: 'constant except where it jumps' };

/** The factor by which dy is multiplied: d y / d x, from input and output. */
export type Slope = (op: Builder, x: Value, y: Value, g: GradientView) => Value;

/** One input, one output of the same type: y = f(x). `f` may read attributes from the view. */
export function unary(name: string, f: (x: number, n: NodeView) => number, slope: Slope | Gradient): Op {
  return {
    name,
    infer: (n) => [{ dtype: n.input(0).dtype, dims: n.input(0).dims }],
    gradient:
      typeof slope === 'function' ? { kind: 'rule', build: (g) => g.give(0, g.op.Mul(g.dy(0), slope(g.op, g.x(0), g.y(0), g))) } : slope,
    cost: () => free,
    reference: (n, [x]) => [{ dtype: x!.dtype, dims: x!.dims, data: x!.data.map((v) => f(v, n)) }],
  };
}

/** Applies `f` to inputs of any number, broadcast against each other. */
export function zipRefs(dtype: DType, inputs: readonly Ref[], f: (...values: number[]) => number): Ref {
  const dims = broadcast(...inputs.map((r) => r.dims));
  const strides = inputs.map((r) => broadcastStrides(r.dims, dims));
  const data = new Float64Array(sizeOf(dims));
  const at = new Array<number>(dims.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    data[i] = f(...inputs.map((r, k) => r.data[strides[k]!.reduce((sum, s, d) => sum + s * at[d]!, 0)]!));
    for (let d = dims.length - 1; d >= 0; d--) {
      if (++at[d]! < dims[d]!) break;
      at[d] = 0;
    }
  }
  return { dtype, dims, data };
}

export interface BinaryRule {
  readonly f: (a: number, b: number, n: NodeView) => number;
  /** `bool` for comparisons. */
  readonly result?: DType;
  /** Whether the second input may have a type of its own. */
  readonly mixed?: boolean;
  readonly gradient: Gradient;
}

/** Two inputs that broadcast. `give` sums gradients over broadcast axes, so a rule need not. */
export function binary(name: string, rule: BinaryRule): Op {
  return {
    name,
    infer(n) {
      const [a, b] = [n.input(0), n.input(1)];
      if (a.dtype !== b.dtype && !rule.mixed) n.fail(`both inputs of type ${a.dtype}`, b.dtype);
      return [{ dtype: rule.result ?? a.dtype, dims: broadcast(a.dims, b.dims) }];
    },
    gradient: rule.gradient,
    cost: () => free,
    reference: (n, [a, b]) => [zipRefs(rule.result ?? n.input(0).dtype, [a!, b!], (x, y) => rule.f(x, y, n))],
  };
}

/** A comparison or connective: two inputs that broadcast, a truth value each. */
export const truth = (name: string, f: (a: number, b: number) => boolean): Op =>
  binary(name, { f: (a, b) => Number(f(a, b)), result: 'bool', gradient: flat });
