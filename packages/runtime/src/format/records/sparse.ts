/** A sparse record: gap width, number of entries; gaps; values, +0 for a filler. */
import { BitReader, BitWriter } from '../../codec/bits.js';
import { entriesOf, fromGaps, toGaps } from '../../codec/relative.js';
import { readPlanes, writePlanes } from '../planes.js';
import { bitsOf, type SparseStored } from '../stored.js';
import { readEntries, readGapBits, sparseSize } from './gaps.js';
import type { Account, RecordForm } from './record.js';

export const sparse: RecordForm<SparseStored> = {
  code: 1,

  write(out, _, { positions, values }, coder) {
    const gapBits = cheapestGapBits(positions);
    const { gaps, source } = toGaps(positions, gapBits);
    const given = bitsOf(values);
    const entries = Uint32Array.from(source, (i) => (i < 0 ? 0 : given[i]!));
    out.varint(gapBits);
    out.varint(entries.length);
    const bits = new BitWriter(out);
    const gapCode = coder.encode(gaps, 2 ** gapBits, bits);
    const valueCode = writePlanes(bits, new Uint8Array(entries.buffer), 4, coder);
    bits.finish();
    return account(entries.length, gapBits, gapCode.data, valueCode.data, gapCode.table + valueCode.table);
  },

  read(from, declared, coder) {
    const size = sparseSize(from, declared);
    const gapBits = readGapBits(from, 1);
    const entries = readEntries(from, size);
    const bits = new BitReader(from);
    const gapSource = coder.open(bits, entries, 2 ** gapBits);
    const positions = new Uint32Array(entries);
    const gapData = gapSource.read(positions);
    const planes = readPlanes(bits, entries * 4, 4, coder);
    bits.finish(from);
    const values = new Uint32Array(planes.bytes.buffer);
    const kept = fromGaps(positions, gapBits, size, {
      isFiller: (i) => values[i] === 0,
      move: (a, b) => {
        if (values[a] === 0x80000000) from.refuse('a kept weight that is not zero', '-0');
        values[b] = values[a]!;
      },
    });
    const stored: SparseStored = {
      kind: 'sparse',
      dims: declared.dims,
      values: new Float32Array(values.buffer, 0, kept),
      positions: positions.subarray(0, kept),
    };
    return { stored, account: account(entries, gapBits, gapData, planes.data, gapSource.tableBits + planes.table) };
  },
};

const account = (entries: number, gapBits: number, positions: number, values: number, tables: number): Account => ({
  positions,
  values,
  codebook: 0,
  tables,
  entries,
  gapBits,
  valueBits: 32,
  codebookBits: 0,
});

/** The width that makes the uncoded form of 32-bit values smallest. */
function cheapestGapBits(positions: Uint32Array): number {
  let best = 1;
  let least = Infinity;
  for (let b = 1; b <= 16; b++) {
    const bits = entriesOf(positions, b) * (b + 32);
    if (bits < least) [best, least] = [b, bits];
  }
  return best;
}
