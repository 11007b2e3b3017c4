/**
 * The stored form `uniform`: integers times steps, on one grid or on the two of the trellis. The dense tensor follows exactly, to the
 * bit, on every machine: a step is a constant of the table below times a power of two, rounded to float32.
 */
import { trellisNext, trellisValue } from '../codec/trellis.js';
import { type DType, sizeOf, type Tensor } from '../tensor.js';
import { bfloat16Bits, float16Bits } from './halves.js';

/** A tensor seen as rows × columns × positions; their product is its size. Entries in row-major order of the view. */
export interface MatrixView {
  readonly rows: number;
  readonly columns: number;
  readonly positions: number;
  /** The view's matrix [rows][columns · positions] is the transpose of the tensor's [columns · positions][rows]. Rank 2 or more. */
  readonly transposed: boolean;
}

/** Whole numbers in the narrowest array that holds them, or in a wider one: what is coded is the same. */
export type Levels = Int8Array | Int16Array | Int32Array;

/** The weight of entry (r, c, p) is value(level) × step(r, c), rounded to float32, then to the tensor's type. */
export interface UniformStored {
  readonly kind: 'uniform';
  readonly dtype: UniformDType;
  readonly dims: readonly number[];
  readonly view: MatrixView;
  /** In the order of the view; magnitudes below 2^24. */
  readonly levels: Levels;
  /** `scalar`: value = level. `trellis`: `trellisValue` in the state to which the levels before have led, through the whole view. */
  readonly grid: 'scalar' | 'trellis';
  /** log2 of the step, in sixteenths: that of (r, c) is step + rowSteps[r] + columnSteps[c], held in −2048 … 2047. */
  readonly step: number;
  readonly rowSteps: Int8Array | null;
  readonly columnSteps: Int8Array | null;
}

export const uniformDTypes = ['float32', 'float16', 'bfloat16', 'float64'] as const satisfies readonly DType[];
export type UniformDType = (typeof uniformDTypes)[number];

/** Levels are smaller than this. */
export const levelLimit = 2 ** 24;
export const stepRange = { least: -2048, most: 2047 };

/** 2^(k/16), to the nearest double; part of the format. */
const sixteenths = [
  1,
  1.0442737824274138,
  1.0905077326652577,
  1.1387886347566916,
  1.189207115002721,
  1.241857812073484,
  1.2968395546510096,
  1.3542555469368927,
  Math.SQRT2,
  1.4768261459394993,
  1.5422108254079407,
  1.6104903319492543,
  1.681792830507429,
  1.7562521603732995,
  1.8340080864093424,
  1.9152065613971474,
];

/** 2^(e/16) as a float32, e held in the range of steps: finite and above zero. */
export function stepOf(exponent: number): number {
  const e = Math.min(Math.max(exponent, stepRange.least), stepRange.most);
  return Math.fround(sixteenths[e & 15]! * 2 ** (e >> 4));
}

/** The same numbers in the narrowest array. */
export function narrowed(levels: Int32Array): Levels {
  let least = 0;
  let most = 0;
  for (let i = 0; i < levels.length; i++) {
    if (levels[i]! < least) least = levels[i]!;
    if (levels[i]! > most) most = levels[i]!;
  }
  if (least >= -128 && most <= 127) return Int8Array.from(levels);
  return least >= -32768 && most <= 32767 ? Int16Array.from(levels) : levels;
}

/** How a tensor of this shape is seen unless somebody says otherwise: outputs, inputs, kernel; a vector is one row. */
export function naturalView(dims: readonly number[], transposed: boolean): MatrixView {
  const size = sizeOf(dims);
  if (size === 0) return { rows: 0, columns: 0, positions: 0, transposed };
  if (dims.length < 2) return { rows: 1, columns: size, positions: 1, transposed: false };
  const rest = (from: number, to: number): number => sizeOf(dims.slice(from, to));
  if (transposed) return { rows: dims.at(-1)!, columns: rest(0, -1), positions: 1, transposed };
  return { rows: dims[0]!, columns: dims[1]!, positions: rest(2, dims.length), transposed };
}

export function densifyUniform(stored: UniformStored): Tensor {
  const { dtype, dims } = stored;
  const floats = new Float32Array(stored.levels.length);
  fill(floats, stored);
  if (dtype === 'float32') return { dtype, dims, data: floats };
  if (dtype === 'float64') return { dtype, dims, data: Float64Array.from(floats) };
  const words = new Uint32Array(floats.buffer);
  return { dtype, dims, data: Uint16Array.from(words, dtype === 'float16' ? float16Bits : bfloat16Bits) };
}

function fill(out: Float32Array, { view, levels, grid, step, rowSteps, columnSteps }: UniformStored): void {
  if (levels.length === 0) return;
  const { rows, columns, positions, transposed } = view;
  const trellis = grid === 'trellis';
  const stride = transposed ? rows : 1;
  let state = 0;
  for (let r = 0, i = 0; r < rows; r++) {
    const rowStep = step + (rowSteps ? rowSteps[r]! : 0);
    let delta = stepOf(rowStep);
    let at = transposed ? r : i;
    for (let c = 0; c < columns; c++) {
      if (columnSteps) delta = stepOf(rowStep + columnSteps[c]!);
      for (let p = 0; p < positions; p++, i++, at += stride) {
        const level = levels[i]!;
        if (trellis) {
          if (level !== 0) out[at] = trellisValue(level, state) * delta;
          state = trellisNext[2 * state + (level & 1)]!;
        } else if (level !== 0) out[at] = level * delta;
      }
    }
  }
}

/** Checks what a caller hands to the writer. */
export function checkUniform(stored: UniformStored, refuse: (expected: string, got: string) => never): void {
  const { dtype, dims, view, levels, step, rowSteps, columnSteps } = stored;
  const size = sizeOf(dims);
  if (!uniformDTypes.includes(dtype)) refuse(`a float type: ${uniformDTypes.join(', ')}`, dtype);
  if (size > 0xffffffff) refuse('fewer than 2^32 weights', String(size));
  const { rows, columns, positions, transposed } = view;
  if (sizeOf([rows, columns, positions]) !== size || Math.max(rows, columns, positions) > 0xffffffff)
    refuse(`a view of ${size} entries`, `${rows} × ${columns} × ${positions}`);
  if (transposed && dims.length < 2) refuse('a matrix to transpose', `[${dims}]`);
  if (levels.length !== size) refuse(`${size} levels`, String(levels.length));
  const wide = levels instanceof Int32Array ? levels.find((level) => level <= -levelLimit || level >= levelLimit) : undefined;
  if (wide !== undefined) refuse('levels of a magnitude below 2^24', String(wide));
  if (!Number.isInteger(step) || step < stepRange.least || step > stepRange.most)
    refuse(`a step in ${stepRange.least} … ${stepRange.most}`, String(step));
  if (size === 0 && (rowSteps || columnSteps)) refuse('no steps of rows or columns for no entries', 'some');
  if (rowSteps && rowSteps.length !== rows) refuse(`${rows} steps of rows`, String(rowSteps.length));
  if (columnSteps && columnSteps.length !== columns) refuse(`${columns} steps of columns`, String(columnSteps.length));
}
