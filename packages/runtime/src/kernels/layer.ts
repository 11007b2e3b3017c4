/** A convolution or a product with a constant weight, as each way to compute it sees it. */
import { PithError } from '../errors.js';
import type { StoredTensor } from '../format/stored.js';
import type { ConvShape, Epilogue, Given, LinearShape } from './choice.js';
import type { Machine } from './machine.js';
import {
  denseOf,
  isPalette,
  type NonZeros,
  nonZeroCount,
  nonZerosOf,
  type Palette,
  paletteOf,
  type Rows,
  rowsOf,
  rowsOfDense,
} from './weights.js';

export class Layer<Shape extends ConvShape | LinearShape> {
  readonly shape: Shape;
  readonly epilogue: Epilogue;
  readonly given: Given;
  private stored: StoredTensor | undefined;
  private counted: number | undefined;
  private found: Palette | null | undefined;
  private held: NonZeros | undefined;

  constructor(weight: StoredTensor, shape: Shape, epilogue: Epilogue, given: Given = {}) {
    this.stored = weight;
    this.shape = shape;
    this.epilogue = epilogue;
    this.given = given;
  }

  get weight(): StoredTensor {
    if (!this.stored) throw new PithError('bug.kernel', { expected: 'a weight', got: 'one that was let go' });
    return this.stored;
  }

  /** What was packed keeps the layer: without its weight it is small. */
  letGo(): void {
    this.stored = undefined;
    this.found = undefined;
    this.held = undefined;
  }

  private readonly kept = (): NonZeros => {
    this.held ??= nonZerosOf(this.weight, this.nonZeros);
    return this.held;
  };

  get size(): number {
    return this.weight.kind === 'dense' ? this.weight.tensor.data.length : this.weight.dims.reduce((a, b) => a * b, 1);
  }

  get nonZeros(): number {
    this.counted ??= nonZeroCount(this.weight);
    return this.counted;
  }

  /** [outputs][…], not scaled. */
  dense(): Float32Array {
    return denseOf(this.weight);
  }

  /** Gives some rows of it at a time: where weights are shared, all of them are never there at once. */
  denseRows(): (first: number, count: number) => Float32Array {
    return rowsOfDense(this.weight, this.size / this.shape.outputs);
  }

  /** One row for each output, scaled. Throws `limit.memory`. */
  rows(machine: Machine): Rows {
    return rowsOf(machine, this.weight, this.kept, this.shape.outputs, this.epilogue.scale);
  }

  /** What its non-zeros are; undefined as `palette` is. Where they are shared already nothing is looked for. */
  get codebook(): Float32Array | undefined {
    const { weight } = this;
    return isPalette(weight) && this.isSparse ? weight.codebook : this.palette?.codebook;
  }

  /** Undefined where it has more than 256 values, none was ever shared, or so many are kept that they are better read as a dense matrix. */
  get palette(): Palette | undefined {
    if (this.found === undefined) {
      const may = (this.weight.kind === 'shared' || this.weight.kind === 'uniform') && this.isSparse;
      this.found = (may && paletteOf(this.weight, this.kept)) || null;
    }
    return this.found ?? undefined;
  }

  private get isSparse(): boolean {
    return 10 * this.nonZeros <= 9 * this.size;
  }

  bias(): Float32Array {
    return this.epilogue.bias ?? new Float32Array(this.shape.outputs);
  }
}

export const pixelsOf = ({ outHeight, outWidth }: ConvShape): number => outHeight * outWidth;
/** Weights that each output has. */
export const tapsOf = ({ channels, groups, kernel }: ConvShape): number => (channels / groups) * kernel[0] * kernel[1];
