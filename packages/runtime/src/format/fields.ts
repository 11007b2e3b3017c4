/** The small things of the graph section, encode and decode side by side: types of values, declarations, tensors that stand in the graph. */
import type { ByteReader, ByteWriter } from '../codec/bytes.js';
import { PithError } from '../errors.js';
import type { Dim, ValueInfo } from '../model.js';
import { byteSize, bytesOf, type DType, dtypeOfOnnx, dtypes, type Tensor, viewAs } from '../tensor.js';
import { type Limits, within } from './limits.js';

/** A tensor whose contents stand in a tensors section. */
export interface Declaration {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
}

/** A tensor of the model; or, by its number in the list, an earlier one whose contents it shares. */
export interface ListedTensor extends Declaration {
  readonly repeats?: number;
}

const repeated = 0;

/** `usual`: a dimension that is written as 0. */
export function writeListed(out: ByteWriter, { dtype, dims, repeats }: ListedTensor, usual = 0): void {
  if (repeats === undefined) {
    writeDType(out, dtype);
    writeDims(
      out,
      dims.map((d) => (d === usual ? 0 : d)),
    );
  } else {
    out.varint(repeated);
    out.varint(repeats);
  }
}

/** Throws `input.pith-value` where the tensor that it repeats is not there, or is itself a repetition. */
export function readListed(from: ByteReader, limits: Limits, name: string, before: readonly ListedTensor[], usual = 0): ListedTensor {
  const code = from.varint();
  if (code !== repeated) {
    const declared = { name, dtype: dtypeOf(from, code), dims: readDims(from, limits).map((d) => d || usual) };
    sizeInBytes(from, declared.dtype, declared.dims);
    return declared;
  }
  const repeats = from.varint();
  const first = before[repeats];
  if (!first || first.repeats !== undefined) return from.refuse(`an earlier tensor with contents, below ${before.length}`, String(repeats));
  return { name, dtype: first.dtype, dims: first.dims, repeats };
}

const dtypeOf = (from: ByteReader, code: number): DType => dtypeOfOnnx(code) ?? from.refuse('the code of an element type', String(code));

function writeDType(out: ByteWriter, dtype: DType): void {
  out.varint(dtypes[dtype].onnx);
}

const readDType = (from: ByteReader): DType => dtypeOf(from, from.varint());

function writeDims(out: ByteWriter, dims: readonly number[]): void {
  out.varint(dims.length);
  for (const d of dims) out.varint(d);
}

function readDims(from: ByteReader, limits: Limits): number[] {
  const rank = from.count();
  within(limits, 'maxRank', rank);
  return Array.from({ length: rank }, () => from.varint());
}

/** Throws `input.pith-value` where the number of elements is beyond 2^53. */
function sizeInBytes(from: ByteReader, dtype: DType, dims: readonly number[]): number {
  try {
    return byteSize(dtype, dims);
  } catch {
    return from.refuse('fewer than 2^53 elements', `[${dims}]`);
  }
}

export function writeTensor(out: ByteWriter, tensor: Tensor): void {
  writeDType(out, tensor.dtype);
  writeDims(out, tensor.dims);
  out.bytes(rawBytes('', tensor));
}

export function readTensor(from: ByteReader, limits: Limits): Tensor {
  const dtype = readDType(from);
  const dims = readDims(from, limits);
  return { dtype, dims, data: viewAs(dtype, from.bytes(sizeInBytes(from, dtype, dims)).slice()) };
}

/** The bytes of a tensor, checked against its shape. Throws `input.tensor-size`. */
export function rawBytes(name: string, tensor: Tensor): Uint8Array {
  const bytes = bytesOf(tensor);
  const size = byteSize(tensor.dtype, tensor.dims);
  if (bytes.length !== size)
    throw new PithError('input.tensor-size', {
      at: { tensor: name },
      expected: `${size} bytes for ${tensor.dtype} [${tensor.dims}]`,
      got: `${bytes.length}`,
    });
  return bytes;
}

/** 0: unknown; 1: symbolic, its name follows; otherwise the size plus 2. */
function writeDim(out: ByteWriter, dim: Dim): void {
  if (dim === null) out.varint(0);
  else if (typeof dim === 'number') out.varint(dim + 2);
  else {
    out.varint(1);
    out.string(dim);
  }
}

function readDim(from: ByteReader): Dim {
  const code = from.varint();
  if (code === 0) return null;
  return code === 1 ? from.string() : code - 2;
}

/** Stands for a type that is kept as the bytes of its TypeProto; element types of ONNX are far below. */
const opaqueType = 127;

/** Element type (0: not said), then its rank plus 1 (0: not said) and dimensions. */
export function writeType(out: ByteWriter, value: ValueInfo): void {
  if (value.opaqueType) {
    out.varint(opaqueType);
    out.blob(value.opaqueType);
    return;
  }
  out.varint(value.dtype === null ? 0 : dtypes[value.dtype].onnx);
  out.varint(value.dims === null ? 0 : value.dims.length + 1);
  for (const dim of value.dims ?? []) writeDim(out, dim);
}

export function readType(from: ByteReader, limits: Limits): Omit<ValueInfo, 'name'> {
  const code = from.varint();
  if (code === opaqueType) return { dtype: null, dims: null, opaqueType: from.blob().slice() };
  const dtype = code === 0 ? null : dtypeOf(from, code);
  const rank = from.varint();
  if (rank === 0) return { dtype, dims: null };
  within(limits, 'maxRank', rank - 1);
  from.need(rank - 1);
  return { dtype, dims: Array.from({ length: rank - 1 }, () => readDim(from)) };
}
