/** y = x Wᵀ for a constant W: by its non-zeros where most are pruned, by whole rows otherwise. Shared by Gemm and MatMul. */
import { dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { NodeData } from '../model.js';
import { type Rows, rowsOf, transposed } from './rows.js';

export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  /** Adds to `out` (count × outputs) what the `count` rows of x (count × inputs) give. */
  readonly add: (x: Float32Array, count: number, out: Float32Array) => void;
}

/** Above this share of kept weights whole rows are faster. */
const sparseBelow = 0.5;

/** `byOutput`: the matrix has a row for each output; otherwise one for each input. `scale` multiplies it. */
export function linear(weight: StoredTensor, node: NodeData, options: { byOutput: boolean; scale?: number }): Linear {
  const given = rowsOf(weight, dimsOfStored(weight)[0] ?? 0, node);
  const rows = options.byOutput ? given : transposed(given);
  const { scale = 1 } = options;
  const scaled: Rows = scale === 1 ? rows : { ...rows, value: rows.value.map((v) => v * scale) };
  const dense = scaled.value.length > sparseBelow * scaled.rows * scaled.width;
  return { inputs: rows.width, outputs: rows.rows, add: dense ? byRows(scaled) : byNonZeros(scaled) };
}

function byNonZeros({ rows, width, start, column, value }: Rows): Linear['add'] {
  return (x, count, out) => {
    for (let n = 0; n < count; n++) {
      const base = n * width;
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let i = start[r]!, end = start[r + 1]!; i < end; i++) sum += value[i]! * x[base + column[i]!]!;
        out[n * rows + r]! += sum;
      }
    }
  };
}

function byRows({ rows, width, start, column, value }: Rows): Linear['add'] {
  const matrix = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) for (let i = start[r]!; i < start[r + 1]!; i++) matrix[r * width + column[i]!] = value[i]!;
  return (x, count, out) => {
    for (let n = 0; n < count; n++)
      for (let r = 0; r < rows; r++) {
        let a = 0;
        let b = 0;
        let k = 0;
        for (let i = n * width, w = r * width; k + 1 < width; k += 2, i += 2, w += 2) {
          a += x[i]! * matrix[w]!;
          b += x[i + 1]! * matrix[w + 1]!;
        }
        if (k < width) a += x[n * width + k]! * matrix[r * width + k]!;
        out[n * rows + r]! += a + b;
      }
  };
}
