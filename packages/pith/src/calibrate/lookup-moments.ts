/**
 * Two-sided moments of a table whose rows are looked up. The gradient of the table has, in the row of each number that comes up, the
 * gradient of the result there; numbers that come up twice in a sample are taken as two.
 */
import { sizeOf } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { contract, contractDiagonal, type Side, type SidedValues, type Whitening } from './two-sided.js';

export interface LookedUp {
  /** The numbers that were looked up. */
  readonly index: Value;
  /** For each draw, the gradient of the result: for each number a row. */
  readonly rows: readonly Value[];
  /** Rows of the table. */
  readonly entries: number;
  /** Of the input moments; those of the output are a diagonal. */
  readonly side: Side;
  readonly whitening: Whitening | undefined;
}

export function lookupMoments(op: Builder, { index, rows, entries, side, whitening }: LookedUp): SidedValues {
  const count = sizeOf(index.dims);
  const width = rows[0]!.dims.at(-1)!;
  const numbers = op.Reshape(index, [count]);
  const drawn = op.Concat(
    rows.map((row) => op.Reshape(row, [1, 1, count, width])),
    0,
  );
  const byEntry = whitening && op.Reshape(op.Gather(op.Reshape(whitening.output, [entries]), numbers), [1, 1, count, 1]);
  const weighted = byEntry ? op.Mul(drawn, byEntry) : drawn;
  const white = whitening ? whitened(op, drawn, whitening.input, side) : drawn;
  const squares = op.ReduceSum(op.Mul(drawn, white), [0, 1, 3], false);
  const none = op.constant({ dtype: 'float32', dims: [entries], data: new Float32Array(entries) }, 'entries');
  return {
    input: (side === 'full' ? contract : contractDiagonal)(op, drawn, weighted),
    output: op.Reshape(op.ScatterElements(none, numbers, squares, 0, 'add'), [1, entries]),
  };
}

const whitened = (op: Builder, rows: Value, by: Value, side: Side): Value => (side === 'full' ? op.MatMul(rows, by) : op.Mul(rows, by));
