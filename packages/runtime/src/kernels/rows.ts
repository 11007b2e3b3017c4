/** The non-zeros of a weight, row by row (CSR): what sparse and dense kernels alike are made from. */
import { densify, dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { NodeData } from '../model.js';
import { sizeOf } from '../tensor.js';
import { floatsOf } from './kernel.js';

export interface Rows {
  readonly rows: number;
  /** Elements of a row. */
  readonly width: number;
  /** Row r has the non-zeros start[r] … start[r + 1] − 1. */
  readonly start: Uint32Array;
  readonly column: Uint32Array;
  readonly value: Float32Array;
}

/** A weight as a matrix of `rows` rows. Weights that are zero are left out. */
export function rowsOf(stored: StoredTensor, rows: number, node: NodeData): Rows {
  const { positions, value } = nonZeros(stored, node);
  const width = rows === 0 ? 0 : sizeOf(dimsOfStored(stored)) / rows;
  const start = new Uint32Array(rows + 1);
  const column = new Uint32Array(positions.length);
  let i = 0;
  for (let row = 0; row < rows; row++) {
    for (; i < positions.length && positions[i]! < (row + 1) * width; i++) column[i] = positions[i]! - row * width;
    start[row + 1] = i;
  }
  return { rows, width, start, column, value };
}

function nonZeros(stored: StoredTensor, node: NodeData): { positions: Uint32Array; value: Float32Array } {
  if (stored.kind === 'sparse') return { positions: stored.positions, value: stored.values };
  if (stored.kind === 'shared') {
    const { codebook, index } = stored;
    const positions = stored.positions ?? Uint32Array.from({ length: index.length }, (_, i) => i);
    return { positions, value: Float32Array.from(index, (cluster) => codebook[cluster]!) };
  }
  const { data } = floatsOf(densify(stored), node);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) count++;
  const positions = new Uint32Array(count);
  const value = new Float32Array(count);
  for (let i = 0, to = 0; i < data.length; i++)
    if (data[i] !== 0) {
      positions[to] = i;
      value[to++] = data[i]!;
    }
  return { positions, value };
}

/** The transposed matrix. */
export function transposed({ rows, width, start, column, value }: Rows): Rows {
  const to: Rows = {
    rows: width,
    width: rows,
    start: new Uint32Array(width + 1),
    column: new Uint32Array(column.length),
    value: new Float32Array(value.length),
  };
  for (let i = 0; i < column.length; i++) to.start[column[i]! + 1]!++;
  for (let c = 0; c < width; c++) to.start[c + 1]! += to.start[c]!;
  const next = to.start.slice();
  for (let row = 0; row < rows; row++)
    for (let i = start[row]!; i < start[row + 1]!; i++) {
      const at = next[column[i]!]!++;
      to.column[at] = row;
      to.value[at] = value[i]!;
    }
  return to;
}
