/** Operators that act on each element by itself: one line each, its number that of assembly/kernels/unary.ts. */
import { densify } from '../format/stored.js';
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator } from './operator.js';
import { countOf, type Element } from './value.js';

/** The work of one function over one value. */
export function unaryWork(kernel: string, f: number, dims: readonly number[], a = 0, b = 0): KernelWork {
  const count = countOf(dims);
  return {
    kind: 'kernel',
    outputs: [{ dtype: 'float32', dims }],
    kernel,
    inPlace: [0],
    run: ({ kernels, x, y }) => kernels.unary(f, x[0]!, y[0]!, count, a, b),
  };
}

type Numbers = readonly [a: number, b: number];

/** `whole`: the number in assembly/kernels/convert.ts that does the same to whole numbers. */
const unary = (
  name: string,
  f: number | ((node: NodeView) => number),
  numbers?: (node: NodeView) => Numbers,
  whole?: number,
): Operator => ({
  name,
  prepare: (node) => {
    const [a, b] = numbers?.(node) ?? [0, 0];
    const choice = typeof f === 'number' ? f : f(node);
    const kernel = name.toLowerCase();
    return (inputs) => {
      const { dtype, dims } = node.value(inputs, 0);
      if (whole === undefined || dtype === 'float32') node.real(inputs, 0);
      return dtype === 'float32' ? unaryWork(kernel, choice, dims, a, b) : wholeWork(`${kernel}-int32`, whole!, dtype, dims);
    };
  },
});

export function wholeWork(kernel: string, f: number, dtype: Element, dims: readonly number[]): KernelWork {
  const count = countOf(dims);
  return {
    kind: 'kernel',
    outputs: [{ dtype, dims }],
    kernel,
    inPlace: [0],
    run: ({ kernels, x, y }) => kernels.convert(f, x[0]!, y[0]!, count),
  };
}

/** The range of a Clip: bounds are constant inputs. */
export function clipRange(node: NodeView): Numbers {
  const bound = (i: number, otherwise: number): number => {
    if (!node.has(i)) return otherwise;
    return Number(densify(node.weight(i)).data[0] ?? node.wrong('a number', 'none'));
  };
  return [bound(1, -Infinity), bound(2, Infinity)];
}

export const Relu = unary('Relu', 0, () => [0, Infinity]);
export const Clip: Operator = { ...unary('Clip', 0, clipRange), takes: [1, 2] };
export const Abs = unary('Abs', 1, undefined, 6);
export const Neg = unary('Neg', 2, undefined, 5);
export const Sqrt = unary('Sqrt', 3);
export const Exp = unary('Exp', 4);
export const Log = unary('Log', 5);
export const Tanh = unary('Tanh', 6);
export const Erf = unary('Erf', 7);
export const Sigmoid = unary('Sigmoid', 8);
export const HardSigmoid = unary('HardSigmoid', 9, (node) => [node.float('alpha', 0.2), node.float('beta', 0.5)]);
export const HardSwish = unary('HardSwish', 10, () => [1 / 6, 0.5]);
export const LeakyRelu = unary('LeakyRelu', 11, (node) => [node.float('alpha', 0.01), 0]);
export const Elu = unary('Elu', 12, (node) => [node.float('alpha', 1), 1]);
export const Softplus = unary('Softplus', 13);
export const Sign = unary('Sign', 14, undefined, 7);
export const Reciprocal = unary('Reciprocal', 15);
export const Floor = unary('Floor', 16);
export const Ceil = unary('Ceil', 17);
export const Round = unary('Round', 18);
export const Gelu = unary('Gelu', (node) => {
  const approximate = node.string('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') node.wrong('approximate "none" or "tanh"', `"${approximate}"`);
  return approximate === 'tanh' ? 20 : 19;
});
/** x·sigmoid(alpha·x), known as SiLU where alpha is 1. */
export const Swish = unary('Swish', 21, (node) => [node.float('alpha', 1), 0]);
export const Not: Operator = {
  name: 'Not',
  prepare: (node) => (inputs) => wholeWork('not', 4, 'bool', node.real(inputs, 0, ['bool']).dims),
};
