/**
 * Element types and tensors: the names and codes of ONNX, the typed array that holds each, sizes in bytes and shape arithmetic.
 * A tensor is plain data; nobody writes into one that was handed to him.
 */
import { PithError } from './errors.js';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface DTypeFact {
  /** TensorProto.DataType of ONNX. */
  readonly onnx: number;
  /** Bits of one element. */
  readonly bits: number;
  /** Makes the array that holds `length` bytes' worth of elements. float16, bfloat16 and 4- and 8-bit types are held as raw bits. */
  readonly array: new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => TensorData;
  readonly wide: number;
}

const fact = (onnx: number, bits: number, array: DTypeFact['array'], wide: number): DTypeFact => ({ onnx, bits, array, wide });

/** Every element type that a tensor can have. `bool` is one byte, 0 or 1; 4-bit types are packed, low nibble first. */
export const dtypes = {
  float32: fact(1, 32, Float32Array, 4),
  uint8: fact(2, 8, Uint8Array, 1),
  int8: fact(3, 8, Int8Array, 1),
  uint16: fact(4, 16, Uint16Array, 2),
  int16: fact(5, 16, Int16Array, 2),
  int32: fact(6, 32, Int32Array, 4),
  int64: fact(7, 64, BigInt64Array, 8),
  bool: fact(9, 8, Uint8Array, 1),
  float16: fact(10, 16, Uint16Array, 2),
  float64: fact(11, 64, Float64Array, 8),
  uint32: fact(12, 32, Uint32Array, 4),
  uint64: fact(13, 64, BigUint64Array, 8),
  bfloat16: fact(16, 16, Uint16Array, 2),
  float8e4m3fn: fact(17, 8, Uint8Array, 1),
  float8e4m3fnuz: fact(18, 8, Uint8Array, 1),
  float8e5m2: fact(19, 8, Uint8Array, 1),
  float8e5m2fnuz: fact(20, 8, Uint8Array, 1),
  uint4: fact(21, 4, Uint8Array, 1),
  int4: fact(22, 4, Uint8Array, 1),
} as const satisfies Record<string, DTypeFact>;

export type DType = keyof typeof dtypes;

const byOnnx = new Map<number, DType>((Object.keys(dtypes) as DType[]).map((name) => [dtypes[name].onnx, name]));

/** The element type of an ONNX code, or undefined (string, complex and types newer than pith have none). */
export const dtypeOfOnnx = (code: number): DType | undefined => byOnnx.get(code);

export interface Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Number of elements of a shape. Throws `limit.shape` where it is negative, fractional or above 2^53. */
export function sizeOf(dims: readonly number[]): number {
  let size = 1;
  for (const d of dims) {
    if (!Number.isSafeInteger(d) || d < 0)
      throw new PithError('input.shape', { expected: 'dimensions that are whole and not negative', got: `[${dims}]` });
    size *= d;
    if (!Number.isSafeInteger(size)) throw new PithError('limit.shape', { expected: 'fewer than 2^53 elements', got: `[${dims}]` });
  }
  return size;
}

/** Bytes that a tensor of this type and shape takes in memory and in ONNX's raw form. */
export const byteSize = (dtype: DType, dims: readonly number[]): number => Math.ceil((sizeOf(dims) * dtypes[dtype].bits) / 8);

/** A view of `bytes` as the array of this type: no copy where the offset is aligned, one copy where it is not. Little-endian hosts only. */
export function viewAs(dtype: DType, bytes: Uint8Array): TensorData {
  const { array, wide } = dtypes[dtype];
  // Uint8Array's own slice: that of a Node Buffer is a view, not a copy
  const aligned = bytes.byteOffset % wide === 0 ? bytes : Uint8Array.prototype.slice.call(bytes);
  return new array(aligned.buffer, aligned.byteOffset, aligned.byteLength / wide);
}

/** The bytes of a tensor, as ONNX's raw form has them. A view, not a copy. */
export const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A tensor of zeros. */
export const zeros = (dtype: DType, dims: readonly number[]): Tensor => ({
  dtype,
  dims,
  data: viewAs(dtype, new Uint8Array(byteSize(dtype, dims))),
});
