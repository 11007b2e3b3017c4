/** Matrix products with a weight, and layers of which only the input side is one. */
import { sizeOf } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { InputReading, ProductReading, Read } from './reading.js';

/** The last two axes exchanged. */
export function flip(op: Builder, x: Value): Value {
  const rank = x.dims.length;
  return op.Transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** [samples, 1, places, width] of a stack of row vectors. */
const stack = (op: Builder, x: Value, samples: number): Value => {
  const width = x.dims.at(-1)!;
  return op.Reshape(x, [samples, 1, sizeOf(x.dims) / width / samples, width]);
};

/** x·W for a weight at 1, W·x for one at 0. */
export function product({ node }: Read, at: 0 | 1): ProductReading {
  const asRows = (op: Builder, v: Value): Value => (at === 1 || v.dims.length < 2 ? v : flip(op, v));
  return {
    kind: 'product',
    input: node.inputs[1 - at]!,
    result: node.outputs[0]!,
    biased: true,
    columns: (op, x, samples) => stack(op, asRows(op, x), samples),
    rows: (op, y, samples) => flip(op, stack(op, asRows(op, y), samples)),
    order: null,
  };
}

/** The same with a factor and an activation that may come transposed. */
export function gemm(read: Read, at: 0 | 1): ProductReading {
  const { attributes } = read.node;
  const flag = (name: string): boolean => Number(attributes.get(name)?.value ?? 0) !== 0;
  const alpha = Number(attributes.get('alpha')?.value ?? 1);
  const flipped = at === 1 ? flag('transA') : !flag('transB');
  return {
    ...product(read, at),
    columns(op, x, samples) {
      const rows = stack(op, flipped ? flip(op, x) : x, samples);
      return alpha === 1 ? rows : op.Mul(rows, op.scalar(alpha));
    },
  };
}

/** Rows of the input as they are, the same for each group (the directions of a recurrent layer). */
export function inputRows({ layer, node }: Read): InputReading {
  return {
    kind: 'input',
    input: node.inputs[0]!,
    columns(op, x, samples) {
      const rows = stack(op, x, samples);
      return op.Concat(
        Array.from({ length: layer.groups }, () => rows),
        1,
      );
    },
    order: null,
  };
}

/** What a recurrent weight is applied to is the layer's own output [steps, directions, batch, hidden], a step earlier. */
export function recurrentState({ node }: Read): InputReading | undefined {
  const [output = ''] = node.outputs;
  if (output === '') return undefined;
  return {
    kind: 'input',
    input: output,
    columns(op, y, samples) {
      const [steps, directions, batch, hidden] = y.dims as [number, number, number, number];
      const apart = op.Transpose(y, [2, 1, 0, 3]);
      return op.Reshape(apart, [samples, directions, (batch / samples) * steps, hidden]);
    },
    order: null,
  };
}
