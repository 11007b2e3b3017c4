/** Between tensors and matrices of doubles in the order of their view, and from a solver's answer to what a file stores. */
import { narrowed, type UniformDType, type UniformStored } from 'pith-runtime';
import type { Tensor } from '../base/tensor.js';
import { toRef } from '../ops/ref.js';
import type { Steps } from '../quantize/steps.js';
import type { View } from './view.js';

/** The numbers of a float tensor, row by row of its view. */
export function matrixOf(tensor: Tensor, { rows, transposed }: View): Float64Array {
  const numbers = toRef(tensor).data;
  return transposed ? turned(numbers, numbers.length / rows, rows) : numbers;
}

/** From [rows][columns] to [columns][rows]. */
function turned(numbers: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(numbers.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = numbers[r * columns + c]!;
  return out;
}

export interface Quantized extends Steps {
  /** In the order of the view. */
  readonly levels: Int32Array;
}

export function storedOf({ dtype, dims }: Tensor, view: View, grid: 'scalar' | 'trellis', found: Quantized): UniformStored {
  const { rows, columns, positions, transposed } = view;
  const { levels, step, rowSteps, columnSteps } = found;
  return {
    kind: 'uniform',
    dtype: dtype as UniformDType,
    dims,
    view: { rows, columns, positions, transposed },
    levels: narrowed(levels),
    grid,
    step,
    rowSteps,
    columnSteps,
  };
}
