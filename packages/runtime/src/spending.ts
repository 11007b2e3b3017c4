/**
 * `pith-runtime/spending`: what the bytes of a .pith file were spent on, by what its coder spent: the file is decoded once more with the models as they are written,
 * and each bit of a `mix` stream is put down to what it tells: whether a weight is zero, its sign, its magnitude, a step … Of the other
 * coders, and of very large files, the account is what the reader gives anyway. Not needed to load or run anything.
 */
import { ByteReader } from './codec/bytes.js';
import { type Kernel, slabLength } from './codec/mix/kernel.js';
import { ofBytes, ofFloats, ofLevels, ofMask, ofScarce, ofSymbols } from './codec/mix/kinds.js';
import { Models } from './codec/mix/models.js';
import { mixDecoder } from './codec/mix.js';
import { type BinaryCoder, RangeDecoder } from './codec/range.js';
import { sectionKinds } from './format/frame.js';
import { type Limits, limitsOf } from './format/limits.js';
import { PieceReader } from './format/pieces.js';
import { type PithFile, readPith } from './format/read.js';
import { forms } from './format/records/list.js';
import { slots } from './format/records/record.js';
import type { PithReport, TensorSize } from './format/sizes.js';
import { dtypeOfStored } from './format/stored.js';
import { sizeOf } from './tensor.js';

/** Zero flags: which weights are not zero. Levels: integers whose coder does not tell flags, signs and magnitudes apart. */
export const spentOn = [
  'steps',
  'codebook',
  'zeroFlags',
  'signs',
  'magnitudes',
  'levels',
  'indices',
  'values',
  'tables',
  'structure',
] as const;
export type SpentOn = (typeof spentOn)[number];
/** Bytes, with their fraction. */
export type Spent = Readonly<Record<SpentOn, number>>;

export interface TensorSpending {
  readonly name: string;
  /** They add up to what the report of the file says of this tensor. */
  readonly spent: Spent;
}

export interface Spending {
  readonly report: PithReport;
  /** In file order. */
  readonly tensors: readonly TensorSpending[];
}

/** Weights of a file above which bits are not looked at one by one. */
const mostWeights = 1 << 22;

/** Throws what `readPith` throws. */
export function spendingOf(file: Uint8Array, limits?: Partial<Limits>): Spending {
  const read = readPith(file, limits);
  const { report } = read;
  const weights = report.tensors.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  const watched = weights <= mostWeights ? watchedIn(file, read, limitsOf(limits)) : new Map<string, Spent>();
  return { report, tensors: report.tensors.map((size) => ({ name: size.name, spent: watched.get(size.name) ?? asReported(size) })) };
}

const fresh = (): Record<SpentOn, number> => Object.fromEntries(spentOn.map((what) => [what, 0])) as Record<SpentOn, number>;

function asReported({ parametrization, parts }: TensorSize): Spent {
  const values: SpentOn = parametrization === 'uniform' ? 'levels' : parametrization === 'shared' ? 'indices' : 'values';
  const book: SpentOn = parametrization === 'uniform' ? 'steps' : 'codebook';
  return {
    ...fresh(),
    zeroFlags: parts.positions,
    [values]: parts.values,
    [book]: parts.codebook,
    tables: parts.tables,
    structure: parts.rest,
  };
}

/** Those that stand in mix streams, by name. */
function watchedIn(bytes: Uint8Array, file: PithFile, limits: Limits): Map<string, Spent> {
  const found = new Map<string, Spent>();
  const own = file.report.tensors.filter(({ coder }) => coder !== 'repeat');
  let next = 0;
  const reader = new PieceReader(limits, {
    header: () => undefined,
    section(section) {
      if (section.kind !== sectionKinds.tensors) return;
      const from = new ByteReader(section.bytes);
      const isMix = from.u8() === 1;
      const tensors = own.slice(next, next + from.varint());
      next += tensors.length;
      if (isMix) for (const [name, spent] of watch(from.bytes(from.left), tensors, file)) found.set(name, spent);
    },
  });
  reader.push(bytes);
  reader.end();
  return found;
}

function watch(stream: Uint8Array, sizes: readonly TensorSize[], { tensors }: PithFile): [string, Spent][] {
  const kernel = new WatchedKernel(stream);
  const none = (): never => {
    throw new Error('only one stream is decoded here');
  };
  const mix = mixDecoder(stream, { decode: () => kernel, encode: none });
  return sizes.map(({ name, parametrization, dims }) => {
    kernel.spent = fresh();
    mix.number(slots.parametrization);
    forms[parametrization].unmix(mix, { name, dims, dtype: dtypeOfStored(tensors.get(name)!) });
    const { values, ...spent } = kernel.spent;
    return [name, parametrization === 'shared' ? { ...spent, codebook: spent.codebook + values, values: 0 } : { ...spent, values }];
  });
}

/** What arrays of a kind tell; levels are looked at one by one. */
const ofKind: Readonly<Record<number, SpentOn>> = {
  [ofMask]: 'zeroFlags',
  [ofSymbols]: 'indices',
  [ofFloats]: 'values',
  [ofBytes]: 'values',
};
const stepSlots: readonly number[] = [slots.step, slots.rowStep, slots.columnStep];

/** Decodes, and puts down where the position of the coder moves. */
class WatchedKernel implements Kernel {
  readonly slab = new Int32Array(slabLength);
  spent: Record<SpentOn, number> = fresh();
  private readonly coder: WatchedCoder;
  private readonly models: Models;
  private readonly one = new Int32Array(1);
  private kind = 0;

  constructor(stream: Uint8Array) {
    this.coder = new WatchedCoder(stream);
    this.models = new Models(this.coder);
  }

  number(value: number, slot: number): number {
    this.coder.begin();
    const found = this.models.number(value, slot);
    this.spent[stepSlots.includes(slot) ? 'steps' : 'structure'] += this.coder.taken / 8;
    return found;
  }

  start(kind: number, a: number, b: number, c: number): void {
    this.kind = kind;
    this.models.start(kind, a, b, c);
  }

  code(count: number): void {
    const { coder, models, slab, one, kind } = this;
    if (kind !== ofLevels && kind !== ofScarce) {
      coder.begin();
      models.code(slab, count);
      this.spent[ofKind[kind] ?? 'values'] += coder.taken / 8;
      return;
    }
    for (let i = 0; i < count; i++) {
      coder.begin();
      models.code(one, 1);
      slab[i] = one[0]!;
      this.putDown(one[0]!);
    }
  }

  /** The first decision is whether a level is zero; the sign comes next where most are, else at the end. */
  private putDown(level: number): void {
    const { coder, spent, kind } = this;
    const { first, second, beforeLast, taken } = coder;
    spent.zeroFlags += first / 8;
    if (level === 0) return;
    const sign = kind === ofScarce ? second - first : taken - beforeLast;
    spent.signs += sign / 8;
    spent.magnitudes += (taken - first - sign) / 8;
  }

  position(): number {
    return this.coder.position();
  }

  finish(): never {
    throw new Error('a decoder has nothing to finish');
  }

  end(): void {
    this.coder.end();
  }
}

/** A decoder that knows what bits were taken since `begin`: by its first decision, its first two, all but the last, all. */
class WatchedCoder extends RangeDecoder implements BinaryCoder {
  first = 0;
  second = 0;
  beforeLast = 0;
  taken = 0;
  private from = 0;
  private decisions = 0;

  begin(): void {
    this.from = this.position();
    this.decisions = 0;
    this.first = this.second = this.beforeLast = this.taken = 0;
  }

  override bit(bit: number, chance: number): number {
    const found = super.bit(bit, chance);
    this.decided();
    return found;
  }

  override raw(value: number, width: number): number {
    const found = super.raw(value, width);
    this.decided();
    return found;
  }

  private decided(): void {
    this.decisions++;
    this.beforeLast = this.taken;
    this.taken = this.position() - this.from;
    if (this.decisions === 1) this.first = this.taken;
    if (this.decisions <= 2) this.second = this.taken;
  }
}
