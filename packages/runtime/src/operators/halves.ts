/** Floats of 16 bits are computed with as float32: what a model has of them is widened, exactly, when it is planned. */
import { densify, dtypeOfStored, type StoredTensor } from '../format/stored.js';
import type { Tensor } from '../tensor.js';

export const isHalf = (dtype: string | null): boolean => dtype === 'float16' || dtype === 'bfloat16';

/** The number of the bits of a float16: five of exponent, ten of mantissa. */
function fromFloat16(bits: number): number {
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  const magnitude =
    exponent === 31 ? (mantissa ? Number.NaN : Infinity) : exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

export function widenedTensor(tensor: Tensor): Tensor {
  const { dtype, dims, data } = tensor;
  if (!isHalf(dtype)) return tensor;
  const bits = data as Uint16Array;
  // the bits of a bfloat16 are the upper ones of the float32
  if (dtype === 'bfloat16') return { dtype: 'float32', dims, data: new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer) };
  return { dtype: 'float32', dims, data: Float32Array.from(bits, fromFloat16) };
}

export const widened = (stored: StoredTensor): StoredTensor =>
  isHalf(dtypeOfStored(stored)) ? { kind: 'dense', tensor: widenedTensor(densify(stored)) } : stored;
