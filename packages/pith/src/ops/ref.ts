/** Between tensors of any type and the doubles of the reference: half precision included, integers beyond 2^53 refused. */
import { PithError } from '../base/errors.js';
import { type DType, sizeOf, type Tensor, viewAs } from '../base/tensor.js';
import type { Ref } from './op.js';

/** IEEE half precision to a double. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** A double to IEEE half precision, to nearest, ties to even. */
function toHalf(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(x);
  if (Number.isNaN(x)) return 0x7e00;
  if (a >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(a || 1e-300)));
  const unit = 2 ** (exponent - 10);
  const scaled = a / unit;
  const low = Math.floor(scaled);
  const rest = scaled - low;
  const whole = rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
  return sign | (exponent === -14 ? whole : ((exponent + 14) << 10) + whole);
}

/** bfloat16 to a double. */
const fromBfloat = (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;

/** A double to bfloat16, to nearest, ties to even. */
function toBfloat(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0]!;
  if (Number.isNaN(x)) return 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

export function toRef(tensor: Tensor): Ref {
  const { dtype, dims, data } = tensor;
  const list = data as ArrayLike<number | bigint>;
  const out = new Float64Array(sizeOf(dims));
  if (dtype === 'int4' || dtype === 'uint4' || dtype.startsWith('float8'))
    throw new PithError('unsupported.dtype', { expected: 'a type the reference computes with', got: dtype });
  const read = dtype === 'float16' ? fromHalf : dtype === 'bfloat16' ? fromBfloat : Number;
  for (let i = 0; i < out.length; i++) out[i] = read(list[i] as number);
  return { dtype, dims, data: out };
}

/** Throws `numeric.integer` where a 64-bit integer is not a whole number (an infinite power). */
export function fromRef(ref: Ref): Tensor {
  const { dtype, dims, data } = ref;
  if (dtype === 'int64' || dtype === 'uint64') {
    const wrong = data.find((v) => !Number.isInteger(v));
    if (wrong !== undefined) throw new PithError('numeric.integer', { expected: `whole numbers of type ${dtype}`, got: `${wrong}` });
    return { dtype, dims, data: dtype === 'int64' ? BigInt64Array.from(data, BigInt) : BigUint64Array.from(data, BigInt) };
  }
  return { dtype, dims, data: numbers(dtype, data) };
}

function numbers(dtype: Exclude<DType, 'int64' | 'uint64'>, data: Float64Array): Tensor['data'] {
  if (dtype === 'float16') return Uint16Array.from(data, toHalf);
  if (dtype === 'bfloat16') return Uint16Array.from(data, toBfloat);
  const empty = viewAs(dtype, new Uint8Array(0)) as Float32Array;
  return (empty.constructor as Float32ArrayConstructor).from(data);
}
