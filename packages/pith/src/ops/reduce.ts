/** Rule maker for reductions over axes: attribute or input, kept or dropped, all where none is named. */
import { axisOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import type { Value } from '../graph/value.js';
import { type Cost, free, type GradientView, type NodeView, type Op, type Ref } from './op.js';
import { eachPosition, flat } from './walk.js';

export interface Reduction {
  /** The opset from which on axes are an input. */
  readonly axesInputSince: 13 | 18;
  readonly start: number;
  readonly step: (sum: number, x: number) => number;
  readonly finish?: (sum: number, count: number, integer: boolean) => number;
  /** The gradient of the input; `kept` gives a value of the output's shape its reduced axes back, with size 1. It may be smaller than the input. */
  readonly gradient: (g: GradientView, over: Over) => Value;
  readonly cost?: (n: NodeView) => Cost;
}

export interface Over {
  readonly axes: readonly number[];
  /** Elements that fall on one. */
  readonly count: number;
  readonly kept: (value: Value) => Value;
}

/** The axes of a reduction, sorted; none where `noop_with_empty_axes` says so. */
function axesOf(n: NodeView, inputSince: number): number[] {
  const { dims } = n.input(0);
  const given = n.opset >= inputSince ? n.constantInts(1) : n.ints('axes');
  if (!given?.length) return n.opset >= inputSince && n.int('noop_with_empty_axes', 0) ? [] : [...dims.keys()];
  const axes = [...new Set(given.map((axis) => axisOf(axis, dims.length)))].sort((a, b) => a - b);
  return axes.length === given.length ? axes : n.fail('axes that differ', `[${given}]`);
}

const keptDims = (dims: readonly number[], axes: readonly number[]): number[] => dims.map((d, i) => (axes.includes(i) ? 1 : d));

function outputDims(n: NodeView, axes: readonly number[]): number[] {
  const { dims } = n.input(0);
  return n.int('keepdims', 1) ? keptDims(dims, axes) : dims.filter((_, i) => !axes.includes(i));
}

export function reduction(name: string, rule: Reduction): Op {
  const reference = (n: NodeView, x: Ref): Ref => {
    const axes = axesOf(n, rule.axesInputSince);
    const kept = keptDims(x.dims, axes);
    const strides = kept.map((d, i) => (d === x.dims[i] ? sizeOf(kept.slice(i + 1)) : 0));
    const data = new Float64Array(sizeOf(kept)).fill(rule.start);
    eachPosition(x.dims, (at, i) => {
      const to = flat(at, strides);
      data[to] = rule.step(data[to]!, x.data[i]!);
    });
    const { finish } = rule;
    const count = sizeOf(axes.map((i) => x.dims[i]!));
    const integer = !/float/.test(x.dtype);
    return { dtype: x.dtype, dims: outputDims(n, axes), data: finish ? data.map((sum) => finish(sum, count, integer)) : data };
  };
  return {
    name,
    infer: (n) => [{ dtype: n.input(0).dtype, dims: outputDims(n, axesOf(n, rule.axesInputSince)) }],
    gradient: {
      kind: 'rule',
      build(g) {
        const { dims } = g.x(0);
        const axes = axesOf(g, rule.axesInputSince);
        const full = keptDims(dims, axes);
        const kept = (value: Value): Value => (value.dims.length === dims.length ? value : g.op.Reshape(value, full));
        g.give(0, rule.gradient(g, { axes, count: sizeOf(axes.map((i) => dims[i]!)), kept }));
      },
    },
    cost: rule.cost ?? (() => free),
    reference: (n, [x]) => [reference(n, x!)],
  };
}

/** The gradient goes to the elements that equal the extreme, in equal shares where there are several. */
export function toExtremes(g: GradientView, { axes, kept }: Over): Value {
  const { op } = g;
  const hit = op.Cast(op.Equal(g.x(0), kept(g.y(0))), g.x(0).dtype);
  return axes.length ? op.Mul(hit, op.Div(kept(g.dy(0)), op.ReduceSum(hit, axes))) : g.dy(0);
}
