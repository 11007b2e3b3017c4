/**
 * A uniform record: flags, the view where it is not the natural one, step, the lowest level and how far the highest is from it; steps of
 * rows and of columns; the levels, counted from the lowest. In a mix stream: flags, view, step; steps of rows and of columns, each less the
 * one before; the levels, unless all are zero.
 */
import { BitReader, BitWriter } from '../../codec/bits.js';
import type { ByteReader } from '../../codec/bytes.js';
import { type CodedBits, type SymbolCoder, widthOf } from '../../codec/coder.js';
import type { MixDecoder, MixEncoder } from '../../codec/mix.js';
import { sizeOf } from '../../tensor.js';
import type { Declaration } from '../fields.js';
import { type Planes, readPlanes, writePlanes } from '../planes.js';
import { keptOf, type StoredTensor } from '../stored.js';
import {
  type Levels,
  levelLimit,
  type MatrixView,
  naturalView,
  stepRange,
  type UniformDType,
  type UniformStored,
  uniformDTypes,
} from '../uniform.js';
import { type Account, bitsTaken, type RecordForm, refuse, slots } from './record.js';

const flag = { trellis: 1, rowSteps: 2, columnSteps: 4, transposed: 8, view: 16, zero: 32, scarce: 64 } as const;
/** What form 0 knows, and what a mix stream does. */
const symbolFlags = 63;
const mixFlags = 127;
/** More levels than this are coded as planes of four bytes. */
const mostSymbols = 65536;

/** What stands before the levels, whatever codes it. */
interface UniformHead extends Pick<UniformStored, 'dtype' | 'dims' | 'view' | 'grid' | 'step'> {
  readonly hasRowSteps: boolean;
  readonly hasColumnSteps: boolean;
  /** All levels are zero, and are not coded. */
  readonly zero: boolean;
  /** Most levels are zero: the model for such codes them. */
  readonly scarce: boolean;
}

const sameView = (a: MatrixView, b: MatrixView): boolean =>
  a.rows === b.rows && a.columns === b.columns && a.positions === b.positions && a.transposed === b.transposed;

/** Flags, then the view where it is not the natural one. */
function headNumbers({ dims, view, grid, levels, rowSteps, columnSteps }: UniformStored, scarce = false): number[] {
  const natural = sameView(view, naturalView(dims, view.transposed));
  const flags =
    (grid === 'trellis' ? flag.trellis : 0) +
    (rowSteps ? flag.rowSteps : 0) +
    (columnSteps ? flag.columnSteps : 0) +
    (view.transposed ? flag.transposed : 0) +
    (natural ? 0 : flag.view) +
    (levels.every((level) => level === 0) ? flag.zero : 0) +
    (scarce ? flag.scarce : 0);
  return natural ? [flags] : [flags, view.rows, view.columns, view.positions];
}

/** Throws through `refuse` where the head cannot be one of this tensor. */
function readHead(
  { dtype, dims }: Declaration,
  from: { readonly allFlags: number; flags(): number; view(): number; step(): number; refuse(expected: string, got: string): never },
): UniformHead {
  if (!uniformDTypes.some((type) => type === dtype)) from.refuse(`a float type for a uniform tensor: ${uniformDTypes.join(', ')}`, dtype);
  const size = sizeOf(dims);
  if (size > 0xffffffff) from.refuse('fewer than 2^32 weights', `[${dims}]`);
  const flags = from.flags();
  if (flags > from.allFlags) from.refuse(`flags below ${from.allFlags + 1}`, String(flags));
  const transposed = (flags & flag.transposed) !== 0;
  if (transposed && dims.length < 2) from.refuse('a matrix to transpose', `[${dims}]`);
  const view =
    flags & flag.view ? { rows: from.view(), columns: from.view(), positions: from.view(), transposed } : naturalView(dims, transposed);
  if (view.rows * view.columns * view.positions !== size || Math.max(view.rows, view.columns, view.positions) > 0xffffffff)
    from.refuse(`a view of ${size} entries`, `${view.rows} × ${view.columns} × ${view.positions}`);
  if (size === 0 && flags & (flag.rowSteps + flag.columnSteps)) from.refuse('no steps of rows or columns for no entries', 'some');
  const step = from.step();
  if (step < stepRange.least || step > stepRange.most) from.refuse(`a step in ${stepRange.least} … ${stepRange.most}`, String(step));
  return {
    dtype: dtype as UniformDType,
    dims,
    view,
    grid: flags & flag.trellis ? 'trellis' : 'scalar',
    step,
    hasRowSteps: (flags & flag.rowSteps) !== 0,
    hasColumnSteps: (flags & flag.columnSteps) !== 0,
    zero: (flags & flag.zero) !== 0,
    scarce: (flags & flag.scarce) !== 0,
  };
}

const nothing: CodedBits = { table: 0, data: 0 };
const noSteps: Planes = { bytes: new Uint8Array(0), ...nothing };

const writeSteps = (out: BitWriter, steps: Int8Array | null, coder: SymbolCoder): CodedBits =>
  steps ? writePlanes(out, new Uint8Array(steps.buffer, steps.byteOffset, steps.length), 1, coder) : noSteps;

interface Range {
  readonly low: number;
  readonly span: number;
}

const nothingBut0: Range = { low: 0, span: 0 };

function rangeOf(levels: Levels): Range {
  let low = levels[0] ?? 0;
  let high = low;
  for (let i = 1; i < levels.length; i++) {
    if (levels[i]! < low) low = levels[i]!;
    if (levels[i]! > high) high = levels[i]!;
  }
  return { low, span: high - low };
}

const account = (stored: UniformStored, span: number, values: number, codebook: number, tables: number): Account => ({
  positions: 0,
  values,
  codebook,
  tables,
  entries: stored.levels.length,
  gapBits: 0,
  valueBits: widthOf(span + 1),
  codebookBits: 16 + 8 * stepCount(stored),
});

const stepCount = ({ rowSteps, columnSteps }: Pick<UniformStored, 'rowSteps' | 'columnSteps'>): number =>
  (rowSteps?.length ?? 0) + (columnSteps?.length ?? 0);

function signed(from: ByteReader): number {
  const value = from.int64();
  return typeof value === 'number' ? value : from.refuse('a number below 2^53', String(value));
}

function mixSteps(to: MixEncoder, steps: Int8Array | null, slot: number): void {
  let before = 0;
  for (const step of steps ?? []) {
    to.signed(step - before, slot);
    before = step;
  }
}

function unmixSteps(from: MixDecoder, count: number, slot: number): Int8Array {
  const steps = new Int8Array(count);
  for (let i = 0, step = 0; i < count; i++) {
    step += from.signed(slot);
    if (step < -128 || step > 127) refuse('steps of rows and columns in −128 … 127', String(step));
    steps[i] = step;
  }
  return steps;
}

function readLevels(from: ByteReader, bits: BitReader, range: Range, size: number, coder: SymbolCoder): { levels: Int32Array } & CodedBits {
  const { low, span } = range;
  let levels: Int32Array;
  let coded: CodedBits;
  if (span < mostSymbols) {
    const source = coder.open(bits, size, span + 1);
    levels = new Int32Array(size);
    coded = { table: source.tableBits, data: source.read(new Uint32Array(levels.buffer)) };
  } else {
    const planes = readPlanes(bits, 4 * size, 4, coder);
    levels = new Int32Array(planes.bytes.buffer);
    coded = planes;
  }
  for (let i = 0; i < size; i++) {
    const offset = levels[i]!;
    // no offset reaches 2^31: one that looks negative is too large
    if (offset < 0 || offset > span) from.refuse(`levels up to ${low + span}`, String(low + (offset >>> 0)));
    levels[i] = low + offset;
  }
  return { levels, ...coded };
}

/** Whether the model of scarce levels may suit this tensor. */
export const isScarce = (stored: StoredTensor): boolean =>
  stored.kind === 'uniform' && stored.grid === 'scalar' && (stored.levels.length <= few || 2 * keptOf(stored) < stored.levels.length);

/** A vector of this length goes with the rest, whatever it holds. */
const few = 1024;

export const uniform: RecordForm<UniformStored> = {
  code: 3,

  write(out, _, stored, coder) {
    const { levels, step, rowSteps, columnSteps } = stored;
    const { low, span } = rangeOf(levels);
    const zero = low === 0 && span === 0;
    for (const number of headNumbers(stored)) out.varint(number);
    out.int64(step);
    if (!zero) {
      out.int64(low);
      out.varint(span);
    }
    const bits = new BitWriter(out);
    const rows = writeSteps(bits, rowSteps, coder);
    const columns = writeSteps(bits, columnSteps, coder);
    let coded: CodedBits = nothing;
    if (!zero) {
      const offsets = new Uint32Array(levels.length);
      for (let i = 0; i < offsets.length; i++) offsets[i] = levels[i]! - low;
      coded = span < mostSymbols ? coder.encode(offsets, span + 1, bits) : writePlanes(bits, new Uint8Array(offsets.buffer), 4, coder);
    }
    bits.finish();
    return account(stored, span, coded.data, rows.data + columns.data, rows.table + columns.table + coded.table);
  },

  read(from, declared, coder, engine) {
    const {
      hasRowSteps,
      hasColumnSteps,
      zero,
      scarce: _,
      ...head
    } = readHead(declared, {
      allFlags: symbolFlags,
      flags: () => from.varint(),
      view: () => from.varint(),
      step: () => signed(from),
      refuse: (expected, got) => from.refuse(expected, got),
    });
    const low = zero ? 0 : signed(from);
    const span = zero ? 0 : from.varint();
    if (low <= -levelLimit || low + span >= levelLimit) from.refuse('levels of a magnitude below 2^24', `${low} … ${low + span}`);
    const size = sizeOf(declared.dims);
    const bits = new BitReader(from, engine);
    const rows = hasRowSteps ? readPlanes(bits, head.view.rows, 1, coder) : noSteps;
    const columns = hasColumnSteps ? readPlanes(bits, head.view.columns, 1, coder) : noSteps;
    const coded = zero ? { levels: new Int32Array(size), ...nothing } : readLevels(from, bits, { low, span }, size, coder);
    bits.finish(from);
    const stored: UniformStored = {
      kind: 'uniform',
      ...head,
      levels: coded.levels,
      rowSteps: hasRowSteps ? new Int8Array(rows.bytes.buffer) : null,
      columnSteps: hasColumnSteps ? new Int8Array(columns.bytes.buffer) : null,
    };
    return { stored, account: account(stored, span, coded.data, rows.data + columns.data, rows.table + columns.table + coded.table) };
  },

  mix(to, _, stored, { scarce: asked }) {
    const { view, grid, levels, step, rowSteps, columnSteps } = stored;
    const scarce = asked && isScarce(stored);
    const [flags, ...numbers] = headNumbers(stored, scarce);
    to.number(flags!, slots.flags);
    for (const number of numbers) to.number(number, slots.view);
    const steps = bitsTaken(to, () => {
      to.signed(step, slots.step);
      mixSteps(to, rowSteps, slots.rowStep);
      mixSteps(to, columnSteps, slots.columnStep);
    });
    const { low, span } = rangeOf(levels);
    const values = bitsTaken(to, () => {
      if (low === 0 && span === 0) return;
      if (scarce) to.scarce(levels, view);
      else to.levels(levels, view, grid);
    });
    return account(stored, span, values, steps, 0);
  },

  unmix(from, declared) {
    const before = from.position;
    let headBits = 0;
    const { hasRowSteps, hasColumnSteps, zero, scarce, ...head } = readHead(declared, {
      allFlags: mixFlags,
      flags: () => from.number(slots.flags),
      view: () => from.number(slots.view),
      step: () => {
        headBits = from.position - before;
        return from.signed(slots.step);
      },
      refuse,
    });
    const rowSteps = hasRowSteps ? unmixSteps(from, head.view.rows, slots.rowStep) : null;
    const columnSteps = hasColumnSteps ? unmixSteps(from, head.view.columns, slots.columnStep) : null;
    const steps = from.position - before - headBits;
    const levels = new Int32Array(sizeOf(declared.dims));
    const values = bitsTaken(from, () => {
      if (zero) return;
      if (scarce) from.scarce(levels, head.view);
      else from.levels(levels, head.view, head.grid);
    });
    const { low, span } = zero ? nothingBut0 : rangeOf(levels);
    if (low <= -levelLimit || low + span >= levelLimit) refuse('levels of a magnitude below 2^24', `${low} … ${low + span}`);
    const stored: UniformStored = { kind: 'uniform', ...head, levels, rowSteps, columnSteps };
    return { stored, account: account(stored, span, values, steps, 0) };
  },
};
