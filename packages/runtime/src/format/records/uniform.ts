/**
 * A uniform record: flags, the view where it is not the natural one, step, the lowest level and how far the highest is from it; steps of
 * rows and of columns; the levels, counted from the lowest.
 */
import { BitReader, BitWriter } from '../../codec/bits.js';
import type { ByteReader } from '../../codec/bytes.js';
import { type CodedBits, type SymbolCoder, widthOf } from '../../codec/coder.js';
import { sizeOf } from '../../tensor.js';
import type { Declaration } from '../fields.js';
import { type Planes, readPlanes, writePlanes } from '../planes.js';
import { levelLimit, type MatrixView, naturalView, stepRange, type UniformDType, type UniformStored, uniformDTypes } from '../uniform.js';
import type { Account, RecordForm } from './record.js';

const flag = { trellis: 1, rowSteps: 2, columnSteps: 4, transposed: 8, view: 16 } as const;
const allFlags = 31;
/** More levels than this are coded as planes of four bytes. */
const mostSymbols = 65536;

/** What stands before the levels, whatever codes it. */
export interface UniformHead extends Pick<UniformStored, 'dtype' | 'dims' | 'view' | 'grid' | 'step'> {
  readonly hasRowSteps: boolean;
  readonly hasColumnSteps: boolean;
}

const sameView = (a: MatrixView, b: MatrixView): boolean =>
  a.rows === b.rows && a.columns === b.columns && a.positions === b.positions && a.transposed === b.transposed;

/** The numbers of a head, in order; the step is signed. */
export function headNumbers({ dims, view, grid, step, rowSteps, columnSteps }: UniformStored): { counts: number[]; step: number } {
  const natural = sameView(view, naturalView(dims, view.transposed));
  const flags =
    (grid === 'trellis' ? flag.trellis : 0) +
    (rowSteps ? flag.rowSteps : 0) +
    (columnSteps ? flag.columnSteps : 0) +
    (view.transposed ? flag.transposed : 0) +
    (natural ? 0 : flag.view);
  return { counts: natural ? [flags] : [flags, view.rows, view.columns, view.positions], step };
}

/** Throws through `refuse` where the head cannot be one of this tensor. */
export function readHead(
  { dtype, dims }: Declaration,
  from: { number(): number; signed(): number; refuse(expected: string, got: string): never },
): UniformHead {
  if (!uniformDTypes.some((type) => type === dtype)) from.refuse(`a float type for a uniform tensor: ${uniformDTypes.join(', ')}`, dtype);
  const size = sizeOf(dims);
  if (size > 0xffffffff) from.refuse('fewer than 2^32 weights', `[${dims}]`);
  const flags = from.number();
  if (flags > allFlags) from.refuse(`flags below ${allFlags + 1}`, String(flags));
  const transposed = (flags & flag.transposed) !== 0;
  if (transposed && dims.length < 2) from.refuse('a matrix to transpose', `[${dims}]`);
  const view =
    flags & flag.view
      ? { rows: from.number(), columns: from.number(), positions: from.number(), transposed }
      : naturalView(dims, transposed);
  if (view.rows * view.columns * view.positions !== size || Math.max(view.rows, view.columns) > 0xffffffff)
    from.refuse(`a view of ${size} entries`, `${view.rows} × ${view.columns} × ${view.positions}`);
  const step = from.signed();
  if (step < stepRange.least || step > stepRange.most) from.refuse(`a step in ${stepRange.least} … ${stepRange.most}`, String(step));
  return {
    dtype: dtype as UniformDType,
    dims,
    view,
    grid: flags & flag.trellis ? 'trellis' : 'scalar',
    step,
    hasRowSteps: (flags & flag.rowSteps) !== 0,
    hasColumnSteps: (flags & flag.columnSteps) !== 0,
  };
}

const noSteps: Planes = { bytes: new Uint8Array(0), table: 0, data: 0 };

const writeSteps = (out: BitWriter, steps: Int8Array | null, coder: SymbolCoder): CodedBits =>
  steps ? writePlanes(out, new Uint8Array(steps.buffer, steps.byteOffset, steps.length), 1, coder) : noSteps;

function rangeOf(levels: Int32Array): { low: number; span: number } {
  let low = levels[0] ?? 0;
  let high = low;
  for (let i = 1; i < levels.length; i++) {
    if (levels[i]! < low) low = levels[i]!;
    if (levels[i]! > high) high = levels[i]!;
  }
  return { low, span: high - low };
}

const account = (size: number, span: number, steps: number, values: number, codebook: number, tables: number): Account => ({
  positions: 0,
  values,
  codebook,
  tables,
  entries: size,
  gapBits: 0,
  valueBits: widthOf(span + 1),
  codebookBits: 16 + 8 * steps,
});

const signedOf = (from: ByteReader) => (): number => {
  const value = from.int64();
  return typeof value === 'number' ? value : from.refuse('a number below 2^53', String(value));
};

export const uniform: RecordForm<UniformStored> = {
  code: 3,

  write(out, _, stored, coder) {
    const { levels, rowSteps, columnSteps } = stored;
    const { counts, step } = headNumbers(stored);
    const { low, span } = rangeOf(levels);
    for (const count of counts) out.varint(count);
    out.int64(step);
    out.int64(low);
    out.varint(span);
    const bits = new BitWriter(out);
    const rows = writeSteps(bits, rowSteps, coder);
    const columns = writeSteps(bits, columnSteps, coder);
    const offsets = Uint32Array.from(levels, (level) => level - low);
    const coded = span < mostSymbols ? coder.encode(offsets, span + 1, bits) : writePlanes(bits, new Uint8Array(offsets.buffer), 4, coder);
    bits.finish();
    const steps = (rowSteps?.length ?? 0) + (columnSteps?.length ?? 0);
    return account(levels.length, span, steps, coded.data, rows.data + columns.data, rows.table + columns.table + coded.table);
  },

  read(from, declared, coder) {
    const { hasRowSteps, hasColumnSteps, ...head } = readHead(declared, {
      number: () => from.varint(),
      signed: signedOf(from),
      refuse: (expected, got) => from.refuse(expected, got),
    });
    const low = signedOf(from)();
    const span = from.varint();
    if (low <= -levelLimit || low + span >= levelLimit) from.refuse('levels of a magnitude below 2^24', `${low} … ${low + span}`);
    const size = sizeOf(declared.dims);
    const bits = new BitReader(from);
    const rows = hasRowSteps ? readPlanes(bits, head.view.rows, 1, coder) : noSteps;
    const columns = hasColumnSteps ? readPlanes(bits, head.view.columns, 1, coder) : noSteps;
    let levels: Int32Array;
    let coded: { readonly table: number; readonly data: number };
    if (span < mostSymbols) {
      const source = coder.open(bits, size, span + 1);
      levels = new Int32Array(size);
      coded = { table: source.tableBits, data: source.read(new Uint32Array(levels.buffer)) };
    } else {
      const planes = readPlanes(bits, 4 * size, 4, coder);
      levels = new Int32Array(planes.bytes.buffer);
      coded = planes;
    }
    bits.finish(from);
    for (let i = 0; i < size; i++) {
      const offset = levels[i]! >>> 0;
      if (offset > span) from.refuse(`levels up to ${low + span}`, String(low + offset));
      levels[i] = low + offset;
    }
    const stored: UniformStored = {
      kind: 'uniform',
      ...head,
      levels,
      rowSteps: hasRowSteps ? new Int8Array(rows.bytes.buffer) : null,
      columnSteps: hasColumnSteps ? new Int8Array(columns.bytes.buffer) : null,
    };
    const steps = rows.bytes.length + columns.bytes.length;
    const told = account(size, span, steps, coded.data, rows.data + columns.data, rows.table + columns.table + coded.table);
    return { stored, account: told };
  },
};
