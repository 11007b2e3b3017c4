/** How many elements of a tensor are zero, by its bits, so that no type has to be turned into another first. */
import { dtypes, sizeOf, type Tensor } from '../base/tensor.js';

/** Elements that are zero; a negative zero is one. */
export function zerosOf({ dtype, dims, data }: Tensor): number {
  if (dtypes[dtype].bits < 8) return zeroNibbles(data as Uint8Array, sizeOf(dims));
  // what holds floats as bits has its sign in the highest one
  const minusZero = dtype === 'float16' || dtype === 'bfloat16' ? 0x8000 : dtype === 'float8e4m3fn' || dtype === 'float8e5m2' ? 0x80 : 0;
  const none = typeof data[0] === 'bigint' ? 0n : 0;
  let zeros = 0;
  for (let i = 0; i < data.length; i++) if (data[i] === none || data[i] === minusZero) zeros++;
  return zeros;
}

function zeroNibbles(bytes: Uint8Array, count: number): number {
  let zeros = 0;
  for (let i = 0; i < count; i++) if (((bytes[i >> 1]! >> (4 * (i & 1))) & 15) === 0) zeros++;
  return zeros;
}

/** Share of the elements that are not zero; 1 where there are none. */
export function densityOf(tensor: Tensor): number {
  const size = sizeOf(tensor.dims);
  return size === 0 ? 1 : 1 - zerosOf(tensor) / size;
}
