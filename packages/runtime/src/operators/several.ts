/** Operators on any number of operands that broadcast: two at a time, into the output. */
import { arithmetic } from './binary.js';
import type { NodeView } from './node-view.js';
import type { Operator, Planner, Work } from './operator.js';
import { unaryWork } from './unary.js';
import type { Value } from './value.js';
import { broadcastDims, collapsed, repeating, tableOf } from './walk.js';

/** Numbers of assembly/kernels/binary.ts. */
const [add, multiply, least, most] = [0, 2, 4, 5];

function planner(node: NodeView, f: number, mean: boolean): Planner {
  const kernel = node.node.op.toLowerCase();
  return (inputs): Work => {
    const given = inputs.map((_, i) => node.value(inputs, i));
    const first = node.value(given, 0);
    const whole = first.dtype !== 'float32';
    const odd = given.find(({ dtype }) => dtype !== first.dtype);
    if (odd) node.wrong('operands of one type', `${first.dtype} and ${odd.dtype}`);
    if (whole && f === add) node.real(inputs, 0);
    const dims = broadcastDims(...given.map((value) => value.dims));
    const { low, high } = node.tail;
    if (given.length === 1) return whole ? { kind: 'alias', outputs: [first], offsets: [0] } : unaryWork(kernel, 0, dims, low, high);
    const pair = (a: Pick<Value, 'dims'>, b: Pick<Value, 'dims'>): Int32Array =>
      tableOf(collapsed({ dims, strides: [repeating(a.dims, dims), repeating(b.dims, dims)] }));
    const walks = given.slice(1).map((value, i) => pair(i === 0 ? first : { dims }, value));
    const share = mean ? [pair({ dims }, { dims: [] }), Float32Array.of(1 / given.length)] : [];
    const last = walks.length - 1;
    return {
      kind: 'kernel',
      outputs: [{ dtype: first.dtype, dims }],
      kernel: whole ? `${kernel}-int32` : kernel,
      tables: [...walks, ...share],
      run: ({ kernels, x, y: [y], tables }) => {
        walks.forEach((_, i) => {
          const a = i === 0 ? x[0]! : y!;
          const held = i === last && !mean;
          if (whole) kernels.binaryInts(f, tables[i]!, a, x[i + 1]!, y!);
          else kernels.binary(f, tables[i]!, a, x[i + 1]!, y!, held ? low : -Infinity, held ? high : Infinity);
        });
        if (mean) kernels.binary(multiply, tables[last + 1]!, y!, tables[last + 2]!, y!, low, high);
      },
    };
  };
}

const several = (name: string, f: number, mean = false): Operator => ({
  name,
  clamps: true,
  prepare: (node) => (node.node.inputs.length === 2 && !mean ? arithmetic(name, f).prepare(node) : planner(node, f, mean)),
});

export const Max = several('Max', most);
export const Mean = several('Mean', add, true);
export const Min = several('Min', least);
export const Sum = several('Sum', add);
