/** A constant matrix on its side, in the stored form that it has where that form can say it. */
import { densify, dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { MatrixView } from '../format/uniform.js';

/** [rows, columns] becomes [columns, rows]. */
export function transposed(stored: StoredTensor): StoredTensor {
  const [rows = 0, columns = 0] = dimsOfStored(stored);
  const dims = [columns, rows];
  if (stored.kind === 'sparse' || (stored.kind === 'shared' && stored.positions)) {
    const { positions, order } = turned(stored.positions!, rows, columns);
    if (stored.kind === 'sparse') return { ...stored, dims, positions, values: Float32Array.from(order, (i) => stored.values[i]!) };
    return { ...stored, dims, positions, index: Uint16Array.from(order, (i) => stored.index[i]!) };
  }
  if (stored.kind === 'shared') return { ...stored, dims, index: acrossIndex(stored.index, rows, columns) };
  if (stored.kind === 'uniform' && isMatrix(stored.view, rows, columns))
    return { ...stored, dims, view: { ...stored.view, transposed: !stored.view.transposed } };
  const { dtype, data } = densify(stored);
  const turnedData = data instanceof Float32Array ? across(data, new Float32Array(data.length), rows, columns) : data;
  return { kind: 'dense', tensor: { dtype, dims, data: turnedData } };
}

/** Whether the view sees a matrix of this size as it is, or on its side. */
const isMatrix = (view: MatrixView, rows: number, columns: number): boolean =>
  view.rows === (view.transposed ? columns : rows) && view.columns * view.positions === (view.transposed ? rows : columns);

const acrossIndex = (index: Uint8Array | Uint16Array, rows: number, columns: number): Uint8Array | Uint16Array =>
  index instanceof Uint8Array
    ? across(index, new Uint8Array(index.length), rows, columns)
    : across(index, new Uint16Array(index.length), rows, columns);

function across<T extends Float32Array | Uint8Array | Uint16Array>(from: T, to: T, rows: number, columns: number): T {
  for (let r = 0, i = 0; r < rows; r++) for (let c = 0; c < columns; c++, i++) to[c * rows + r] = from[i]!;
  return to;
}

/** Positions in the turned matrix, ascending, and which of the given ones each was. Counted by column, so that order within one stays. */
function turned(positions: Uint32Array, rows: number, columns: number): { positions: Uint32Array; order: Uint32Array } {
  const next = new Uint32Array(columns + 1);
  for (const at of positions) next[(at % columns) + 1]!++;
  for (let c = 0; c < columns; c++) next[c + 1]! += next[c]!;
  const to = new Uint32Array(positions.length);
  const order = new Uint32Array(positions.length);
  for (let i = 0; i < positions.length; i++) {
    const [row, column] = [Math.floor(positions[i]! / columns), positions[i]! % columns];
    const place = next[column]!++;
    to[place] = column * rows + row;
    order[place] = i;
  }
  return { positions: to, order };
}
