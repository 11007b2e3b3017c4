/** A dense record: the bytes of the tensor as planes. In a mix stream: one element where all are equal; floats as such; bytes. */
import { BitReader, BitWriter } from '../../codec/bits.js';
import type { FloatFormat, MixDecoder, MixEncoder } from '../../codec/mix.js';
import { byteSize, type DType, dtypes, sizeOf, viewAs } from '../../tensor.js';
import { type Declaration, rawBytes } from '../fields.js';
import { readPlanes, writePlanes } from '../planes.js';
import type { DenseStored } from '../stored.js';
import { type Account, bitsTaken, type RecordForm, slots } from './record.js';

const wideOf = (declared: Declaration): number => Math.ceil(dtypes[declared.dtype].bits / 8);

const account = (declared: Declaration, tables: number, values: number): Account => ({
  positions: 0,
  values,
  codebook: 0,
  tables,
  entries: sizeOf(declared.dims),
  gapBits: 0,
  valueBits: dtypes[declared.dtype].bits,
  codebookBits: 0,
});

export const dense: RecordForm<DenseStored> = {
  code: 0,

  write(out, declared, { tensor }, coder) {
    const bits = new BitWriter(out);
    const { table, data } = writePlanes(bits, rawBytes(declared.name, tensor), wideOf(declared), coder);
    bits.finish();
    return account(declared, table, data);
  },

  read(from, declared, coder, engine) {
    const { dtype, dims } = declared;
    const bits = new BitReader(from, engine);
    const { bytes, table, data } = readPlanes(bits, byteSize(dtype, dims), wideOf(declared), coder);
    bits.finish(from);
    return { stored: { kind: 'dense', tensor: { dtype, dims, data: viewAs(dtype, bytes) } }, account: account(declared, table, data) };
  },

  mix(to, declared, { tensor }) {
    const bytes = rawBytes(declared.name, tensor);
    const wide = wideOf(declared);
    const constant = bytes.length > wide && bytes.every((byte, i) => byte === bytes[i % wide]);
    to.number(constant ? 1 : 0, slots.constant);
    const values = bitsTaken(to, () => {
      if (constant) for (const byte of bytes.subarray(0, wide)) to.number(byte, slots.constantByte);
      else mixValues(to, declared, bytes);
    });
    return account(declared, 0, values);
  },

  unmix(from, declared) {
    const { dtype, dims } = declared;
    const wide = wideOf(declared);
    const constant = from.number(slots.constant) > 0;
    const bytes = new Uint8Array(byteSize(dtype, dims));
    const values = bitsTaken(from, () => {
      if (constant)
        repeat(
          bytes,
          Uint8Array.from({ length: wide }, () => from.number(slots.constantByte)),
        );
      else mixValues(from, declared, bytes);
    });
    return { stored: { kind: 'dense', tensor: { dtype, dims, data: viewAs(dtype, bytes) } }, account: account(declared, 0, values) };
  },
};

const isFloatFormat = (dtype: DType): dtype is FloatFormat => dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16';

/** Codes the elements, or decodes them into `bytes`. */
function mixValues(stream: MixEncoder | MixDecoder, { dtype, dims }: Declaration, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const width = dims.length < 2 ? sizeOf(dims) : sizeOf(dims.slice(1));
  if (isFloatFormat(dtype)) {
    // aligned: at the start of a buffer, or where a typed array of these floats stood
    const words = viewAs(dtype === 'float32' ? 'uint32' : 'uint16', bytes);
    stream.floats(words as Uint32Array | Uint16Array, dtype, width);
  } else {
    const { bits } = dtypes[dtype];
    stream.bytes(bytes, Math.ceil(bits / 8), bits < 8 ? Math.ceil(width / 2) : width);
  }
}

/** Fills `bytes` with one element again and again. */
function repeat(bytes: Uint8Array, element: Uint8Array): void {
  bytes.set(element.subarray(0, bytes.length));
  for (let have = element.length; have < bytes.length; have *= 2) bytes.copyWithin(have, 0, have);
}
