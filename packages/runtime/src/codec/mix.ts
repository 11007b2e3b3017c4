/**
 * Coder 3, `mix`: a sequence of numbers and arrays in one stream of a range coder, each bit under models that learn as they go and are
 * mixed (Mahoney's PAQ family of compressors; here of integers only, made for weights). The models go on from array to array, so that small
 * tensors learn from each other. The decoder is called with the same sequence of kinds, shapes and lengths, and fills the arrays.
 */
import { PithError } from '../errors.js';
import { widthOf } from './coder.js';
import { type Kernel, slabLength, wasmKernels } from './mix/kernel.js';
import { ofBytes, ofFloats, ofLevels, ofMask, ofScarce, ofSymbols } from './mix/kinds.js';
import { numberKinds } from './mix/numbers.js';
import { mostPositions, mostWidth } from './mix/surroundings.js';

/** A tensor seen as a matrix whose columns have kernel positions; in order of rows, columns, positions. */
export interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
  readonly positions: number;
}

export type FloatFormat = 'float32' | 'float16' | 'bfloat16';
const fieldsOf: Readonly<Record<FloatFormat, readonly [exponent: number, mantissa: number]>> = {
  bfloat16: [8, 7],
  float16: [5, 10],
  float32: [8, 23],
};

/** What encoder and decoder share: arrays go through the slab of the kernel, piece by piece. An empty one leaves no trace. */
class Arrays {
  protected readonly kernel: Kernel;
  private readonly decoding: boolean;

  constructor(kernel: Kernel, decoding: boolean) {
    this.kernel = kernel;
    this.decoding = decoding;
  }

  /** Bits that what was coded so far has taken, with their fraction; the same for encoder and decoder. */
  get position(): number {
    return this.kernel.position();
  }

  /** Integers of a quantized matrix, below 2^24 in magnitude. */
  levels(levels: Int8Array | Int16Array | Int32Array, shape: MatrixShape, grid: 'scalar' | 'trellis'): void {
    if (levels.length === 0) return;
    this.kernel.start(ofLevels, ...folded(shape), grid === 'trellis' ? 1 : 0);
    this.pass(levels);
  }

  /** Integers of a quantized matrix that are mostly zero, below 2^24 in magnitude; `shape.rows` tells a vector. */
  scarce(levels: Int8Array | Int16Array | Int32Array, shape: MatrixShape): void {
    if (levels.length === 0) return;
    this.kernel.start(ofScarce, ...folded(shape), shape.rows === 1 ? 1 : 0);
    this.pass(levels);
  }

  /** Zeros and ones: which entries of a matrix are kept. */
  mask(kept: Uint8Array, shape: MatrixShape): void {
    if (kept.length === 0) return;
    this.kernel.start(ofMask, ...folded(shape), 0);
    this.pass(kept);
  }

  /**
   * Numbers below `alphabet` (at most 65,536): one for each entry of the matrix, or for each that `kept` says is there. Decoding throws
   * `input.pith-code` at a number outside.
   */
  symbols(values: Uint8Array | Uint16Array, alphabet: number, shape: MatrixShape, kept: Uint8Array | null = null): void {
    if (values.length === 0) return;
    this.kernel.start(ofSymbols, ...folded(shape), widthOf(alphabet));
    if (kept) this.sparse(values, kept);
    else this.pass(values);
    if (!this.decoding) return;
    const wrong = values.find((value) => value >= alphabet);
    if (wrong !== undefined) throw new PithError('input.pith-code', { expected: `symbols below ${alphabet}`, got: String(wrong) });
  }

  /** The bits of floats in rows of `width`. */
  floats(bits: Uint32Array | Uint16Array, format: FloatFormat, width: number): void {
    if (bits.length === 0) return;
    this.kernel.start(ofFloats, Math.min(Math.max(width, 1), mostWidth), ...fieldsOf[format]);
    this.pass(bits);
  }

  /** Numbers of `wide` bytes (at most 8), little-endian, in rows of `width` numbers. */
  bytes(values: Uint8Array, wide: number, width: number): void {
    if (values.length === 0) return;
    const mostNumbers = Math.floor(mostWidth / wide);
    this.kernel.start(ofBytes, wide, Math.min(Math.max(width, 1), mostNumbers) * wide, 0);
    const { slab } = this.kernel;
    const step = Math.floor(slabLength / wide) * wide;
    for (let from = 0; from < values.length; from += step) {
      const count = Math.min(step, values.length - from);
      // the highest byte of each number first
      const order = (i: number): number => from + i - (i % wide) + (wide - 1 - (i % wide));
      for (let i = 0; i < count; i++) slab[i] = values[order(i)]!;
      this.kernel.code(count);
      if (this.decoding) for (let i = 0; i < count; i++) values[order(i)] = slab[i]!;
    }
  }

  private pass(array: Int8Array | Int16Array | Int32Array | Uint32Array | Uint16Array | Uint8Array): void {
    const { slab } = this.kernel;
    for (let from = 0; from < array.length; from += slabLength) {
      const count = Math.min(slabLength, array.length - from);
      slab.set(array.subarray(from, from + count));
      this.kernel.code(count);
      if (this.decoding) array.set(slab.subarray(0, count), from);
    }
  }

  private sparse(values: Uint8Array | Uint16Array, kept: Uint8Array): void {
    const { slab } = this.kernel;
    for (let from = 0, next = 0; from < kept.length; from += slabLength) {
      const count = Math.min(slabLength, kept.length - from);
      for (let i = 0, at = next; i < count; i++) slab[i] = kept[from + i] === 1 ? values[at++]! : -1;
      this.kernel.code(count);
      for (let i = 0; i < count; i++) if (slab[i]! >= 0) values[next++] = slab[i]!;
    }
  }
}

export class MixEncoder extends Arrays {
  /** A whole number below 2^32; numbers of one slot (0 … 31) learn together. */
  number(value: number, slot: number): void {
    this.kernel.number(value | 0, checkSlot(slot));
  }

  /** A whole number, below 2^31 in magnitude. */
  signed(value: number, slot: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value, slot);
  }

  /** The coded bytes. Nothing can be coded afterwards. */
  finish(): Uint8Array {
    return this.kernel.finish();
  }
}

/** Every call throws `input.pith-truncated` where the bytes end too soon. */
export class MixDecoder extends Arrays {
  number(slot: number): number {
    return this.kernel.number(0, checkSlot(slot)) >>> 0;
  }

  signed(slot: number): number {
    const folded = this.number(slot);
    return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
  }

  /** Throws `input.pith-code` unless every byte was looked at. */
  end(): void {
    this.kernel.end();
  }
}

/** Throws `unsupported.wasm`. */
export const mixEncoder = (kernels = wasmKernels()): MixEncoder => new MixEncoder(kernels.encode(), false);
/** Throws `unsupported.wasm`, and `input.pith-truncated` as its calls do. */
export const mixDecoder = (bytes: Uint8Array, kernels = wasmKernels()): MixDecoder => new MixDecoder(kernels.decode(bytes), true);

/** Columns and positions, within what contexts remember. */
function folded({ columns, positions }: MatrixShape): [columns: number, positions: number] {
  if (columns * positions > mostWidth) return [mostWidth, 1];
  if (positions > mostPositions) return [columns * positions, 1];
  return [Math.max(columns, 1), Math.max(positions, 1)];
}

function checkSlot(slot: number): number {
  if (Number.isInteger(slot) && slot >= 0 && slot < numberKinds) return slot;
  throw new PithError('bug.mix-slot', { expected: `a slot below ${numberKinds}`, got: String(slot) });
}
