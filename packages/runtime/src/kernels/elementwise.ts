/** Operators that act on each element by itself, or on pairs of elements of shapes that broadcast: one line each. */
import { broadcast } from './broadcast.js';
import { given, type Kernel, type KernelView } from './kernel.js';

const unary = (name: string, of: (node: KernelView) => (x: number) => number): Kernel => ({
  name,
  prepare: (node) => {
    const f = of(node);
    return (inputs) => {
      const x = given(inputs, 0);
      const data = new Float32Array(x.data.length);
      for (let i = 0; i < data.length; i++) data[i] = f(x.data[i]!);
      return { dims: x.dims, data };
    };
  },
});

const binary = (name: string, f: (a: number, b: number) => number): Kernel => ({
  name,
  prepare: (node) => {
    const [left, right] = [node.floats(0), node.floats(1)];
    return (inputs) => broadcast(left ?? given(inputs, 0), right ?? given(inputs, 1), f);
  },
});

export const Add = binary('Add', (a, b) => a + b);
export const Div = binary('Div', (a, b) => a / b);
export const Mul = binary('Mul', (a, b) => a * b);
export const Pow = binary('Pow', (a, b) => a ** b);
export const Sub = binary('Sub', (a, b) => a - b);

export const Abs = unary('Abs', () => Math.abs);
export const Exp = unary('Exp', () => Math.exp);
export const HardSigmoid = unary('HardSigmoid', (node) => {
  const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)];
  return (x) => Math.max(0, Math.min(1, alpha * x + beta));
});
export const HardSwish = unary('HardSwish', () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)));
export const LeakyRelu = unary('LeakyRelu', (node) => {
  const alpha = node.float('alpha', 0.01);
  return (x) => (x < 0 ? alpha * x : x);
});
export const Log = unary('Log', () => Math.log);
export const Neg = unary('Neg', () => (x) => -x);
export const Relu = unary('Relu', () => (x) => Math.max(x, 0));
export const Sigmoid = unary('Sigmoid', () => (x) => 1 / (1 + Math.exp(-x)));
export const Sqrt = unary('Sqrt', () => Math.sqrt);
export const Tanh = unary('Tanh', () => Math.tanh);

export const Clip = unary('Clip', (node) => {
  const bound = (i: number, otherwise: number): number => {
    if (!node.has(i)) return otherwise;
    return node.floats(i)?.data[0] ?? node.unsupported('constant bounds', 'one that another node makes');
  };
  const [low, high] = [bound(1, -Infinity), bound(2, Infinity)];
  return (x) => Math.min(Math.max(x, low), high);
});
