/** Matrix product: with a constant matrix, or of two stacks of matrices whose outer axes broadcast. */
import { broadcast, broadcastDims } from './broadcast.js';
import { empty, type Floats, given, type Kernel, type KernelView, type Run } from './kernel.js';
import { linear } from './linear.js';

export const MatMul: Kernel = {
  name: 'MatMul',
  prepare: (node) => {
    const weight = node.stored(1);
    const dims = weight && (weight.kind === 'dense' ? weight.tensor.dims : weight.dims);
    if (weight && dims?.length === 2) return withConstant(node, linear(weight, node.node, { byOutput: false }));
    const right = node.floats(1);
    const left = node.floats(0);
    return (inputs) => product(node, left ?? given(inputs, 0), right ?? given(inputs, 1));
  },
};

function withConstant(node: KernelView, { inputs: width, outputs, add }: ReturnType<typeof linear>): Run {
  const left = node.floats(0);
  return (inputs) => {
    const a = left ?? given(inputs, 0);
    if (a.dims.at(-1) !== width) node.wrong(`rows of ${width}`, `[${a.dims}]`);
    const out = empty([...a.dims.slice(0, -1), outputs]);
    add(a.data, width === 0 ? 0 : a.data.length / width, out.data);
    return out;
  };
}

function product(node: KernelView, a: Floats, b: Floats): Floats {
  const p = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const q = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  const [rows, inner, columns] = [p.at(-2)!, p.at(-1)!, q.at(-1)!];
  if (q.at(-2) !== inner) node.wrong(`a second matrix of ${inner} rows`, `[${b.dims}]`);
  const outer = broadcastDims(p.slice(0, -2), q.slice(0, -2));
  const numbers = (dims: readonly number[]): Floats => {
    const counted = empty(dims);
    return { ...counted, data: counted.data.map((_, i) => i) };
  };
  // which matrix of each stack meets which: the stacks' own numbers, broadcast
  const zero = empty(outer);
  const left = broadcast(zero, numbers(p.slice(0, -2)), (_, n) => n).data;
  const right = broadcast(zero, numbers(q.slice(0, -2)), (_, n) => n).data;
  const out = new Float32Array(left.length * rows * columns);
  for (let s = 0; s < left.length; s++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a.data[(left[s]! * rows + r) * inner + k]! * b.data[(right[s]! * inner + k) * columns + c]!;
        out[(s * rows + r) * columns + c] = sum;
      }
  return { dims: [...outer, ...(a.dims.length === 1 ? [] : [rows]), ...(b.dims.length === 1 ? [] : [columns])], data: out };
}
