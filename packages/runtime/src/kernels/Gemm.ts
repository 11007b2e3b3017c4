/** alpha · A B + beta · C, A and B transposed where the node says so; B and C are constant. */
import { broadcast } from './broadcast.js';
import { empty, type Floats, given, type Kernel } from './kernel.js';
import { linear } from './linear.js';

export const Gemm: Kernel = {
  name: 'Gemm',
  prepare: (node) => {
    const weight = node.stored(1) ?? node.unsupported('a constant B', 'one that another node makes');
    const dims = weight.kind === 'dense' ? weight.tensor.dims : weight.dims;
    if (dims.length !== 2) node.wrong('a matrix B', `[${dims}]`);
    const {
      inputs: width,
      outputs,
      add,
    } = linear(weight, node.node, { byOutput: node.int('transB', 0) === 1, scale: node.float('alpha', 1) });
    const beta = node.float('beta', 1);
    const constant = node.floats(2);
    const turn = node.int('transA', 0) === 1;
    return (inputs) => {
      const a = turn ? turned(given(inputs, 0)) : given(inputs, 0);
      if (a.dims.length !== 2 || a.dims[1] !== width) node.wrong(`a matrix A with ${width} columns`, `[${a.dims}]`);
      const out = empty([a.dims[0]!, outputs]);
      const c = constant ?? inputs[2];
      const start = c ? broadcast(out, c, (_, bias) => beta * bias) : out;
      if (start.dims.join() !== out.dims.join()) node.wrong(`a C that broadcasts to [${out.dims}]`, `[${c?.dims}]`);
      add(a.data, a.dims[0]!, start.data);
      return start;
    };
  },
};

function turned(matrix: Floats): Floats {
  const [rows = 0, columns = 0] = matrix.dims;
  const out = empty([columns, rows]);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out.data[c * rows + r] = matrix.data[r * columns + c]!;
  return out;
}
