/** Products with a constant matrix, y = x·Wᵀ: Gemm and MatMul. Products of two matrices of activations, as attention has them. */
import { dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { Epilogue } from '../kernels/choice.js';
import { linearChoices } from '../kernels/linear-choices.js';
import { matmul } from '../kernels/matrix-product.js';
import { epilogueOf } from './conv.js';
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator, ProductWork } from './operator.js';
import { transposed } from './transposed.js';
import { countOf, type Inputs } from './value.js';
import { broadcastDims, repeating } from './walk.js';

interface Matrix {
  /** One row for each output; read again when it is packed, and not held on to. */
  readonly weight: () => StoredTensor;
  readonly outputs: number;
  readonly width: number;
}

function matrixOf(node: NodeView, byOutput: boolean): Matrix {
  const [rows = 0, columns = 0] = dimsOfStored(node.weight(1));
  if (byOutput) return { weight: () => node.weight(1), outputs: rows, width: columns };
  return { weight: () => transposed(node.weight(1)), outputs: columns, width: rows };
}

function linearWork({ weight, outputs, width }: Matrix, leading: readonly number[], epilogue: Epilogue): ProductWork {
  const shape = { count: countOf(leading), inputs: width, outputs };
  return {
    kind: 'product',
    outputs: [{ dtype: 'float32', dims: [...leading, outputs] }],
    product: { of: 'linear', shape, choices: (reducedPrecision) => linearChoices(weight(), shape, epilogue, { reducedPrecision }) },
    dense: shape.count * width * outputs,
  };
}

/** alpha · A B + beta · C. `lower` has seen to it that A is not transposed, B constant and C one number for each column or for all. */
export const Gemm: Operator = {
  name: 'Gemm',
  clamps: true,
  takes: [1, 2],
  prepare: (node) => {
    if (dimsOfStored(node.weight(1)).length !== 2) node.wrong('a matrix B', `[${dimsOfStored(node.weight(1))}]`);
    const matrix = matrixOf(node, node.int('transB', 0) === 1);
    const { outputs, width } = matrix;
    const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
    const c = node.has(2) ? node.floats(2) : undefined;
    if (c && c.length !== outputs && c.length !== 1) node.wrong(`a C of ${outputs} columns`, `[${dimsOfStored(node.weight(2))}]`);
    const bias = c && Float32Array.from({ length: outputs }, (_, i) => beta * c[c.length === 1 ? 0 : i]!);
    const plain = epilogueOf(node, bias);
    const { scale } = plain;
    const scaled = { ...plain, scale: Float32Array.from({ length: outputs }, (_, i) => alpha * (scale ? scale[i]! : 1)) };
    const epilogue = alpha === 1 ? plain : scaled;
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      if (dims.length !== 2 || dims[1] !== width) node.wrong(`a matrix A with ${width} columns`, `[${dims}]`);
      return linearWork(matrix, dims.slice(0, 1), epilogue);
    };
  },
};

/** A bias that `fuse` found in an Add behind it is input 2. */
export const MatMul: Operator = {
  name: 'MatMul',
  clamps: true,
  takes: [2],
  prepare: (node) => {
    const stored = node.stored(1);
    const right = stored && dimsOfStored(stored).length === 2 ? matrixOf(node, false) : undefined;
    const epilogue = epilogueOf(node, node.has(2) ? node.floats(2) : undefined);
    return (inputs) => {
      const a = node.real(inputs, 0);
      if (!right || a.constant) return product(node, inputs);
      if (a.dims.length === 0 || a.dims.at(-1) !== right.width) node.wrong(`rows of ${right.width}`, `[${a.dims}]`);
      return linearWork(right, a.dims.slice(0, -1), epilogue);
    };
  },
};

/** Stacks of matrices whose outer axes broadcast. */
function product(node: NodeView, inputs: Inputs): KernelWork {
  const [a, b] = [node.real(inputs, 0), node.real(inputs, 1)];
  if (a.dims.length === 0 || b.dims.length === 0) node.wrong('vectors or matrices', `[${a.dims}] and [${b.dims}]`);
  const p = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const q = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  const [rows, inner, columns] = [p.at(-2)!, p.at(-1)!, q.at(-1)!];
  if (q.at(-2) !== inner) node.wrong(`a second matrix of ${inner} rows`, `[${b.dims}]`);
  const outer = broadcastDims(p.slice(0, -2), q.slice(0, -2));
  const stacks = [p, q].map((dims) => repeating(dims.slice(0, -2), outer));
  const pairs = countOf(outer);
  /** Which matrix of stack k is the s-th of the result made of. */
  const placeOf = (k: number, s: number): number => {
    let place = 0;
    for (let axis = outer.length - 1, rest = s; axis >= 0; axis--) {
      place += (rest % outer[axis]!) * stacks[k]![axis]!;
      rest = Math.floor(rest / outer[axis]!);
    }
    return place;
  };
  const shape = { batch: 1, m: rows, k: inner, n: columns };
  const [aBytes, bBytes, yBytes] = [4 * rows * inner, 4 * inner * columns, 4 * rows * columns];
  const dims = [...outer, ...(a.dims.length === 1 ? [] : [rows]), ...(b.dims.length === 1 ? [] : [columns])];
  return {
    kind: 'kernel',
    outputs: [{ dtype: 'float32', dims }],
    kernel: 'matmul',
    multiplyAdds: pairs * rows * inner * columns,
    scratchBytes: (machine) => matmul(machine, shape).scratchBytes,
    run: ({ machine, x, y, scratch }) => {
      const { run } = matmul(machine, shape);
      for (let s = 0; s < pairs; s++) run(x[0]! + placeOf(0, s) * aBytes, x[1]! + placeOf(1, s) * bBytes, y[0]! + s * yBytes, scratch);
    },
  };
}
