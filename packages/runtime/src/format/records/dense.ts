/** A dense record: the bytes of the tensor as planes. */
import { BitReader, BitWriter } from '../../codec/bits.js';
import { byteSize, dtypes, sizeOf, viewAs } from '../../tensor.js';
import { type Declaration, rawBytes } from '../fields.js';
import { readPlanes, writePlanes } from '../planes.js';
import type { DenseStored } from '../stored.js';
import type { Account, RecordForm } from './record.js';

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

  read(from, declared, coder) {
    const { dtype, dims } = declared;
    const bits = new BitReader(from);
    const { bytes, table, data } = readPlanes(bits, byteSize(dtype, dims), wideOf(declared), coder);
    bits.finish(from);
    return { stored: { kind: 'dense', tensor: { dtype, dims, data: viewAs(dtype, bytes) } }, account: account(declared, table, data) };
  },
};
