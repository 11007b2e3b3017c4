/**
 * Records of a tensors section, encode and decode side by side: one for each declared tensor, in their order. A byte names the
 * parametrization (low half) and the coder (high half); counts follow as varints, then one string of bits, filled up to a byte.
 */
import { BitReader, BitWriter } from '../codec/bits.js';
import { type ByteReader, ByteWriter } from '../codec/bytes.js';
import { type SymbolCoder, widthOf } from '../codec/coder.js';
import { coderOf, coders } from '../codec/coders.js';
import { entriesOf, fromGaps, toGaps } from '../codec/relative.js';
import { PithError } from '../errors.js';
import { byteSize, dtypes, sizeOf, viewAs } from '../tensor.js';
import { type Declaration, rawBytes } from './fields.js';
import { readPlanes, writePlanes } from './planes.js';
import type { Parts, TensorSize } from './sizes.js';
import { bitsOf, type DenseStored, type SharedStored, type SparseStored, type StoredTensor } from './stored.js';

/** Codes of the parametrizations; they stand in files. Growing: the next number. */
const codes: Readonly<Record<StoredTensor['kind'], number>> = { dense: 0, sparse: 1, shared: 2 };

/** What a record says beside the tensor itself. */
interface Account {
  /** Bits. */
  readonly positions: number;
  readonly values: number;
  readonly codebook: number;
  readonly tables: number;
  readonly entries: number;
  readonly gapBits: number;
  /** Of one value in fixed width. */
  readonly valueBits: number;
  readonly codebookBits: number;
}

const wideOf = (declared: Declaration): number => Math.ceil(dtypes[declared.dtype].bits / 8);

function sizes(declared: Declaration, stored: StoredTensor, coder: string, bytes: number, account: Account): TensorSize {
  const size = sizeOf(declared.dims);
  const parts = partsOf(account.positions, account.values, account.codebook, account.tables, bytes);
  const positions = account.entries * account.gapBits;
  return {
    name: declared.name,
    dims: declared.dims,
    parametrization: stored.kind,
    coder,
    kept: stored.kind === 'dense' ? size : stored.kind === 'sparse' ? stored.values.length : stored.index.length,
    entries: account.entries,
    gapBits: account.gapBits,
    bytes,
    parts,
    uncoded: partsOf(positions, account.entries * account.valueBits, account.codebookBits, 0),
    denseBytes: byteSize(declared.dtype, declared.dims),
  };
}

function partsOf(positions: number, values: number, codebook: number, tables: number, bytes?: number): Parts {
  const rest = bytes === undefined ? 0 : bytes - (positions + values + codebook + tables) / 8;
  return { positions: positions / 8, values: values / 8, codebook: codebook / 8, tables: tables / 8, rest };
}

/** Writes a record with the coder that makes it smallest. */
export function writeTensorRecord(out: ByteWriter, declared: Declaration, stored: StoredTensor): TensorSize {
  const trials = coders.map((coder) => {
    const bytes = new ByteWriter();
    bytes.u8(codes[stored.kind] + 16 * coder.id);
    const account = writeParametrization(bytes, declared, stored, coder);
    return { coder, bytes, account };
  });
  const best = trials.reduce((a, b) => (b.bytes.length < a.bytes.length ? b : a));
  out.bytes(best.bytes.done());
  return sizes(declared, stored, best.coder.name, best.bytes.length, best.account);
}

function writeParametrization(out: ByteWriter, declared: Declaration, stored: StoredTensor, coder: SymbolCoder): Account {
  switch (stored.kind) {
    case 'dense':
      return writeDense(out, declared, stored, coder);
    case 'sparse':
      return writeSparse(out, stored, coder);
    case 'shared':
      return writeShared(out, stored, coder);
    default:
      return stored satisfies never;
  }
}

export interface TensorRecord {
  readonly stored: StoredTensor;
  readonly size: TensorSize;
}

/** Throws `input.pith-*` or `unsupported.pith-*`, naming the tensor. */
export function readTensorRecord(from: ByteReader, declared: Declaration): TensorRecord {
  try {
    const start = from.at;
    const head = from.u8();
    const coder = coderOf(head >> 4);
    const { stored, account } = readParametrization(from, declared, head & 15, coder);
    return { stored, size: sizes(declared, stored, coder.name, from.at - start, account) };
  } catch (error) {
    throw error instanceof PithError ? error.within({ section: 'tensors', tensor: declared.name }) : error;
  }
}

interface Read {
  readonly stored: StoredTensor;
  readonly account: Account;
}

function readParametrization(from: ByteReader, declared: Declaration, code: number, coder: SymbolCoder): Read {
  if (code === codes.dense) return readDense(from, declared, coder);
  if (code !== codes.sparse && code !== codes.shared)
    throw new PithError('unsupported.pith-parametrization', {
      expected: `one of ${Object.entries(codes)
        .map(([kind, id]) => `${id} (${kind})`)
        .join(', ')}`,
      got: String(code),
      fix: 'the file was made by a newer version: update pith-runtime',
    });
  if (declared.dtype !== 'float32') from.refuse('float32 for a sparse or shared tensor', declared.dtype);
  if (sizeOf(declared.dims) > 0xffffffff) from.refuse('fewer than 2^32 weights', `[${declared.dims}]`);
  return code === codes.sparse ? readSparse(from, declared, coder) : readShared(from, declared, coder);
}

function writeDense(out: ByteWriter, declared: Declaration, { tensor }: DenseStored, coder: SymbolCoder): Account {
  const bytes = rawBytes(declared.name, tensor);
  const bits = new BitWriter(out);
  const { table, data } = writePlanes(bits, bytes, wideOf(declared), coder);
  bits.finish();
  return denseAccount(declared, table, data);
}

function readDense(from: ByteReader, declared: Declaration, coder: SymbolCoder): Read {
  const bits = new BitReader(from);
  const { bytes, table, data } = readPlanes(bits, byteSize(declared.dtype, declared.dims), wideOf(declared), coder);
  bits.finish(from);
  const tensor = { dtype: declared.dtype, dims: declared.dims, data: viewAs(declared.dtype, bytes) };
  return { stored: { kind: 'dense', tensor }, account: denseAccount(declared, table, data) };
}

const denseAccount = (declared: Declaration, tables: number, values: number): Account => ({
  positions: 0,
  values,
  codebook: 0,
  tables,
  entries: sizeOf(declared.dims),
  gapBits: 0,
  valueBits: dtypes[declared.dtype].bits,
  codebookBits: 0,
});

/** Gap width, number of entries; gaps; values, +0 for a filler. */
function writeSparse(out: ByteWriter, { positions, values }: SparseStored, coder: SymbolCoder): Account {
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
  return sparseAccount(entries.length, gapBits, gapCode.data, valueCode.data, gapCode.table + valueCode.table);
}

function readSparse(from: ByteReader, declared: Declaration, coder: SymbolCoder): Read {
  const size = sizeOf(declared.dims);
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
  return { stored, account: sparseAccount(entries, gapBits, gapData, planes.data, gapSource.tableBits + planes.table) };
}

const sparseAccount = (entries: number, gapBits: number, positions: number, values: number, tables: number): Account => ({
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

/** Gap width; number of entries where it is not 0; number of shared values and these; gaps; for each entry 0 (a zero) or its cluster plus 1. */
function writeShared(out: ByteWriter, stored: SharedStored, coder: SymbolCoder): Account {
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
  return sharedAccount(codebook.length, entries.length, gapBits, {
    positions: gapCode.data,
    values: indexCode.data,
    codebook: book.data,
    tables: book.table + gapCode.table + indexCode.table,
  });
}

function readShared(from: ByteReader, declared: Declaration, coder: SymbolCoder): Read {
  const size = sizeOf(declared.dims);
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
  const account = sharedAccount(clusters, entries, gapBits, { positions: positionBits, values: valueBits, codebook: book.data, tables });
  return { stored, account };
}

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

const sharedAccount = (
  clusters: number,
  entries: number,
  gapBits: number,
  bits: Pick<Account, 'positions' | 'values' | 'codebook' | 'tables'>,
): Account => ({ ...bits, entries, gapBits, valueBits: widthOf(clusters + 1), codebookBits: clusters * 32 });

function readGapBits(from: ByteReader, least: number): number {
  const gapBits = from.varint();
  return gapBits < least || gapBits > 16 ? from.refuse(`a gap width of ${least} … 16 bits`, String(gapBits)) : gapBits;
}

function readEntries(from: ByteReader, size: number): number {
  const entries = from.varint();
  return entries > size ? from.refuse(`at most ${size} entries`, String(entries)) : entries;
}
