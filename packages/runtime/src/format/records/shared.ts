/**
 * A shared record: gap width; number of entries where it is not 0; number of shared values and these; gaps; for each entry 0 (a zero) or
 * its cluster plus 1.
 */
import { BitReader, BitWriter } from '../../codec/bits.js';
import { widthOf } from '../../codec/coder.js';
import { fromGaps, toGaps } from '../../codec/relative.js';
import { sizeOf } from '../../tensor.js';
import { readPlanes, writePlanes } from '../planes.js';
import type { SharedStored } from '../stored.js';
import { readEntries, readGapBits, sparseSize } from './gaps.js';
import type { Account, RecordForm } from './record.js';

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

  read(from, declared, coder) {
    const size = sparseSize(from, declared);
    const gapBits = readGapBits(from, 0);
    const entries = gapBits > 0 ? readEntries(from, size) : size;
    const clusters = from.varint();
    if (clusters > 65535) from.refuse('at most 65535 shared values', String(clusters));
    const bits = new BitReader(from);
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
    const index = new Uint16Array(entries);
    const valueBits = symbols.read(index);
    tables += symbols.tableBits;
    bits.finish(from);

    let kept: number;
    if (positions)
      kept = fromGaps(positions, gapBits, size, {
        isFiller: (i) => index[i] === 0,
        move: (a, b) => {
          index[b] = index[a]! - 1;
        },
      });
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
};

/** Where a symbol stands for each weight: drops the zeros in place and tells where the others were. */
function fromSymbols(index: Uint16Array): { positions: Uint32Array; kept: number } {
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

const account = (
  clusters: number,
  entries: number,
  gapBits: number,
  bits: Pick<Account, 'positions' | 'values' | 'codebook' | 'tables'>,
): Account => ({ ...bits, entries, gapBits, valueBits: widthOf(clusters + 1), codebookBits: clusters * 32 });
