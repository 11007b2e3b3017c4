/** A sparse record: gap width, number of entries; gaps; values, +0 for a filler. In a mix stream: which are kept; values. */
import { BitReader, BitWriter } from '../../codec/bits.js';
import { entriesOf, fromGaps, toGaps } from '../../codec/relative.js';
import { readPlanes, writePlanes } from '../planes.js';
import { bitsOf, type SparseStored } from '../stored.js';
import { readEntries, readGapBits, sparseSize } from './gaps.js';
import { mixKept, positionsOf, unmixKept } from './kept.js';
import { type Account, bitsTaken, type RecordForm, refuse } from './record.js';

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

  read(from, declared, coder, engine) {
    const size = sparseSize(from, declared);
    const gapBits = readGapBits(from, 1);
    const entries = readEntries(from, size);
    const bits = new BitReader(from, engine);
    const gapSource = coder.open(bits, entries, 2 ** gapBits);
    const positions = new Uint32Array(entries);
    const gapData = gapSource.read(positions);
    const planes = readPlanes(bits, entries * 4, 4, coder);
    bits.finish(from);
    const values = new Uint32Array(planes.bytes.buffer);
    const kept = fromGaps(positions, values, { gapBits, size, coded: false }, engine);
    const stored: SparseStored = {
      kind: 'sparse',
      dims: declared.dims,
      values: new Float32Array(values.buffer, 0, kept),
      positions: positions.subarray(0, kept),
    };
    return { stored, account: account(entries, gapBits, gapData, planes.data, gapSource.tableBits + planes.table) };
  },

  mix(to, declared, { positions, values }) {
    const kept = bitsTaken(to, () => mixKept(to, declared, positions));
    return mixAccount(
      positions,
      kept,
      bitsTaken(to, () => to.floats(bitsOf(values), 'float32', values.length)),
    );
  },

  unmix(from, declared) {
    const size = sparseSize({ refuse }, declared);
    const start = from.position;
    const positions = positionsOf(unmixKept(from, declared, size));
    const kept = from.position - start;
    const values = new Float32Array(positions.length);
    const bits = bitsOf(values);
    const valueBits = bitsTaken(from, () => from.floats(bits, 'float32', bits.length));
    if (bits.some((word) => word << 1 === 0)) refuse('kept weights that are not zero', 'a zero');
    return { stored: { kind: 'sparse', dims: declared.dims, values, positions }, account: mixAccount(positions, kept, valueBits) };
  },
};

function mixAccount(positions: Uint32Array, kept: number, values: number): Account {
  const gapBits = cheapestGapBits(positions);
  return account(entriesOf(positions, gapBits), gapBits, kept, values, 0);
}

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
