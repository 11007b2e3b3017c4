/**
 * A shared record: gap width; number of entries where it is not 0; number of shared values and these; gaps; for each entry 0 (a zero) or
 * its cluster plus 1. In a mix stream: gap width; which are kept; the shared values; the cluster of each kept weight.
 */
import { BitReader, BitWriter } from '../../codec/bits.js';
import { widthOf } from '../../codec/coder.js';
import { entriesOf, fromGaps, toGaps } from '../../codec/relative.js';
import { sizeOf } from '../../tensor.js';
import { readPlanes, writePlanes } from '../planes.js';
import { bitsOf, type SharedStored } from '../stored.js';
import { readEntries, readGapBits, sparseSize } from './gaps.js';
import { mixKept, positionsOf, shapeOf, unmixKept } from './kept.js';
import { type Account, bitsTaken, type RecordForm, refuse, slots } from './record.js';

export const shared: RecordForm<SharedStored> = {
  code: 2,

  write(out, _, stored, coder) {
    const { codebook, index, gapBits } = stored;
    const alphabet = codebook.length + 1;
    const size = sizeOf(stored.dims);
    out.varint(gapBits);
    let gaps: Uint16Array = new Uint16Array(0);
    let entries: Uint16Array;
    if (gapBits > 0) {
      const positions = stored.positions ?? Uint32Array.from({ length: size }, (_, i) => i);
      const relative = toGaps(positions, gapBits);
      gaps = relative.gaps;
      entries = Uint16Array.from(relative.source, (i) => (i < 0 ? 0 : index[i]! + 1));
      out.varint(entries.length);
    } else {
      entries = new Uint16Array(size);
      for (let i = 0; i < index.length; i++) entries[stored.positions ? stored.positions[i]! : i] = index[i]! + 1;
    }
    out.varint(codebook.length);
    const bits = new BitWriter(out);
    const book = writePlanes(bits, new Uint8Array(codebook.buffer, codebook.byteOffset, codebook.byteLength), 4, coder);
    const gapCode = gapBits > 0 ? coder.encode(gaps, 2 ** gapBits, bits) : { table: 0, data: 0 };
    const indexCode = coder.encode(entries, alphabet, bits);
    bits.finish();
    return account(codebook.length, entries.length, gapBits, {
      positions: gapCode.data,
      values: indexCode.data,
      codebook: book.data,
      tables: book.table + gapCode.table + indexCode.table,
    });
  },

  read(from, declared, coder, engine) {
    const size = sparseSize(from, declared);
    const gapBits = readGapBits(from, 0);
    const entries = gapBits > 0 ? readEntries(from, size) : size;
    const clusters = from.varint();
    if (clusters > mostClusters) from.refuse(`at most ${mostClusters} shared values`, String(clusters));
    const bits = new BitReader(from, engine);
    const book = readPlanes(bits, clusters * 4, 4, coder);
    let positions: Uint32Array | null = null;
    let positionBits = 0;
    let tables = book.table;
    if (gapBits > 0) {
      const gaps = coder.open(bits, entries, 2 ** gapBits);
      positions = new Uint32Array(entries);
      positionBits = gaps.read(positions);
      tables += gaps.tableBits;
    }
    const symbols = coder.open(bits, entries, clusters + 1);
    const index = indexRoom(clusters, entries);
    const valueBits = symbols.read(index);
    tables += symbols.tableBits;
    bits.finish(from);

    let kept: number;
    if (positions) kept = fromGaps(positions, index, { gapBits, size, coded: true }, engine);
    else ({ positions, kept } = fromSymbols(index));
    const stored: SharedStored = {
      kind: 'shared',
      dims: declared.dims,
      codebook: new Float32Array(book.bytes.buffer),
      positions: kept === size ? null : positions.subarray(0, kept),
      index: index.subarray(0, kept),
      gapBits,
    };
    const told = account(clusters, entries, gapBits, { positions: positionBits, values: valueBits, codebook: book.data, tables });
    return { stored, account: told };
  },

  mix(to, declared, { codebook, gapBits, index, positions }) {
    to.number(gapBits, slots.gapBits);
    const start = to.position;
    const mask = mixKept(to, declared, positions);
    const kept = to.position - start;
    const book = bitsTaken(to, () => {
      to.number(codebook.length, slots.clusters);
      to.floats(bitsOf(codebook), 'float32', codebook.length);
    });
    const values = bitsTaken(to, () => to.symbols(index, codebook.length, shapeOf(declared), mask));
    return mixAccount(sizeOf(declared.dims), codebook.length, positions, gapBits, { positions: kept, values, codebook: book, tables: 0 });
  },

  unmix(from, declared) {
    const size = sparseSize({ refuse }, declared);
    const gapBits = from.number(slots.gapBits);
    if (gapBits > 16) refuse('a gap width of 0 … 16 bits', String(gapBits));
    const start = from.position;
    const kept = unmixKept(from, declared, size);
    const positions = kept.count === size ? null : positionsOf(kept);
    const maskBits = from.position - start;
    const afterMask = from.position;
    const clusters = from.number(slots.clusters);
    if (clusters > mostClusters) refuse(`at most ${mostClusters} shared values`, String(clusters));
    if (clusters === 0 && kept.count > 0) refuse('a shared value', 'none');
    const codebook = new Float32Array(clusters);
    from.floats(bitsOf(codebook), 'float32', clusters);
    const bookBits = from.position - afterMask;
    const index = indexRoom(clusters, kept.count);
    const values = bitsTaken(from, () => from.symbols(index, clusters, shapeOf(declared), kept.mask));
    const bits = { positions: maskBits, values, codebook: bookBits, tables: 0 };
    return {
      stored: { kind: 'shared', dims: declared.dims, codebook, positions, index, gapBits },
      account: mixAccount(size, clusters, positions, gapBits, bits),
    };
  },
};

const mostClusters = 65535;

/** For symbols up to `clusters`, which a symbol coder has for the last one. */
const indexRoom = (clusters: number, length: number): Uint8Array | Uint16Array =>
  clusters < 256 ? new Uint8Array(length) : new Uint16Array(length);

/** The gaps of the symbol coders are what it is compared with. */
function mixAccount(size: number, clusters: number, positions: Uint32Array | null, gapBits: number, bits: CodedParts): Account {
  return account(clusters, gapBits > 0 && positions ? entriesOf(positions, gapBits) : size, gapBits, bits);
}

type CodedParts = Pick<Account, 'positions' | 'values' | 'codebook' | 'tables'>;

/** Where a symbol stands for each weight: drops the zeros in place and tells where the others were. */
function fromSymbols(index: Uint8Array | Uint16Array): { positions: Uint32Array; kept: number } {
  let kept = 0;
  for (let i = 0; i < index.length; i++) if (index[i]! > 0) kept++;
  const positions = new Uint32Array(kept === index.length ? 0 : kept);
  for (let i = 0, to = 0; i < index.length; i++) {
    if (index[i] === 0) continue;
    positions[to] = i;
    index[to++] = index[i]! - 1;
  }
  return { positions, kept };
}

const account = (clusters: number, entries: number, gapBits: number, bits: CodedParts): Account => ({
  ...bits,
  entries,
  gapBits,
  valueBits: widthOf(clusters + 1),
  codebookBits: clusters * 32,
});
