/** Operators on pairs of elements of shapes that broadcast: one line each, its number that of assembly/kernels/binary.ts. */
import { densify } from '../format/stored.js';
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator } from './operator.js';
import { unaryWork } from './unary.js';
import { countOf, type Inputs, type Value } from './value.js';
import { broadcastDims, collapsed, repeating, tableOf } from './walk.js';

/** What both kinds of elements have in common. */
function pairOf(
  node: NodeView,
  a: Value,
  b: Value,
): Pick<KernelWork, 'kind' | 'tables' | 'inPlace'> & { readonly dims: readonly number[] } {
  const dims = broadcastDims(a.dims, b.dims);
  const axes = collapsed({ dims, strides: [repeating(a.dims, dims), repeating(b.dims, dims)] });
  const inPlace = [a, b].flatMap((v, i) => (v.dims.join() === dims.join() ? [i] : []));
  if (node.node.inputs.length > 2) node.unsupported('two operands', String(node.node.inputs.length));
  return { kind: 'kernel', dims, tables: [tableOf(axes)], inPlace };
}

function operands(node: NodeView, inputs: Inputs): readonly [Value, Value] {
  const [a, b] = [node.value(inputs, 0), node.value(inputs, 1)];
  if (a.dtype !== b.dtype) node.wrong('operands of one type', `${a.dtype} and ${b.dtype}`);
  return [a, b];
}

function wholes(node: NodeView, inputs: Inputs, f: number, dtype?: 'bool'): KernelWork {
  const [a, b] = operands(node, inputs);
  const { dims, ...common } = pairOf(node, a, b);
  return {
    ...common,
    outputs: [{ dtype: dtype ?? a.dtype, dims }],
    kernel: `${node.node.op.toLowerCase()}-int32`,
    run: (c) => c.kernels.binaryInts(f, c.tables[0]!, c.x[0]!, c.x[1]!, c.y[0]!),
  };
}

function reals(node: NodeView, inputs: Inputs, f: number): KernelWork {
  const { low, high } = node.tail;
  const { dims, ...common } = pairOf(node, node.real(inputs, 0), node.real(inputs, 1));
  return {
    ...common,
    outputs: [{ dtype: 'float32', dims }],
    kernel: `${node.node.op.toLowerCase()}${low > -Infinity || high < Infinity ? '-clamp' : ''}`,
    run: (c) => c.kernels.binary(f, c.tables[0]!, c.x[0]!, c.x[1]!, c.y[0]!, low, high),
  };
}

export const arithmetic = (name: string, f: number): Operator => ({
  name,
  clamps: true,
  prepare: (node) => (inputs) => {
    const { low, high } = node.tail;
    const bare = low === -Infinity && high === Infinity;
    return node.value(inputs, 0).dtype === 'float32' || !bare ? reals(node, inputs, f) : wholes(node, inputs, f);
  },
});

const comparison = (name: string, f: number): Operator => ({
  name,
  prepare: (node) => (inputs) => {
    const [a, b] = operands(node, inputs);
    if (a.dtype !== 'float32') return wholes(node, inputs, f, 'bool');
    const { dims, ...common } = pairOf(node, a, b);
    return {
      ...common,
      outputs: [{ dtype: 'bool', dims }],
      kernel: name.toLowerCase(),
      run: (c) => c.kernels.compare(f, c.tables[0]!, c.x[0]!, c.x[1]!, c.y[0]!),
    };
  },
});

const logical = (name: string, f: number): Operator => ({
  name,
  prepare: (node) => (inputs) => {
    node.real(inputs, 0, ['bool']);
    return wholes(node, inputs, f);
  },
});

export const Add = arithmetic('Add', 0);
export const Sub = arithmetic('Sub', 1);
export const Mul = arithmetic('Mul', 2);
export const Div = arithmetic('Div', 3);
export const PRelu: Operator = { name: 'PRelu', clamps: true, prepare: (node) => (inputs) => reals(node, inputs, 6) };
export const Equal = comparison('Equal', 7);
export const Less = comparison('Less', 8);
export const Greater = comparison('Greater', 9);
export const LessOrEqual = comparison('LessOrEqual', 10);
export const GreaterOrEqual = comparison('GreaterOrEqual', 11);
export const And = logical('And', 12);
export const Or = logical('Or', 13);
export const Xor = logical('Xor', 14);

/** Exponents that have a kernel of their own, where they are the same for all elements. */
function quickPower(exponent: number | undefined, x: Value): KernelWork | undefined {
  const { dims } = x;
  if (exponent === 0.5) return unaryWork('sqrt', 3, dims);
  if (exponent === -1) return unaryWork('reciprocal', 15, dims);
  if (exponent !== 2) return undefined;
  const table = Int32Array.of(1, countOf(dims), 1, 1, 0);
  return {
    ...unaryWork('square', 0, dims),
    tables: [table],
    run: ({ kernels, x: [a], y: [y], tables: [walk] }) => kernels.binary(2, walk!, a!, a!, y!, -Infinity, Infinity),
  };
}

export const Pow: Operator = {
  name: 'Pow',
  prepare: (node) => {
    const stored = node.stored(1);
    const data = stored && densify(stored).data;
    const exponent = data?.length === 1 ? Number(data[0]) : undefined;
    return (inputs) => {
      const x = node.real(inputs, 0);
      const quick = inputs[1]?.dims.length === 0 || inputs[1]?.dims.join() === '1' ? quickPower(exponent, x) : undefined;
      if (quick && x.dims.length > 0) return quick;
      const { dims, ...common } = pairOf(node, x, node.real(inputs, 1));
      return {
        ...common,
        outputs: [{ dtype: 'float32', dims }],
        kernel: 'pow',
        run: (c) => c.kernels.power(c.tables[0]!, c.x[0]!, c.x[1]!, c.y[0]!),
      };
    };
  },
};
