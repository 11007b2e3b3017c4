/**
 * What reads coded bytes, as it is compiled twice: by TypeScript, and by AssemblyScript to WebAssembly. Bytes are put into `input` once;
 * what is read comes out in slabs. Whoever calls it sees to it that bytes are there.
 */
import { type bytes, type float, type int, type ints, newBytes, newInts, roomFor } from '../mix/ints.js';
import { Bits } from './bits.js';
import { Digest } from './digest.js';
import { Gaps } from './gaps.js';
import { HuffmanCodes } from './huffman-codes.js';
import { States } from './rans-states.js';
import { TextModel, TextReader } from './text-model.js';

/** Entries that go through it at a time. */
export const slabLength: int = 16384;
const smallestInput: int = 4096;

export class Core {
  input: bytes = newBytes(smallestInput);
  readonly slab: ints = newInts(slabLength);
  readonly other: ints = newInts(slabLength);
  private readonly bits: Bits = new Bits();
  private readonly gaps: Gaps = new Gaps();
  private digest: Digest | null = null;
  private huffman: HuffmanCodes | null = null;
  private states: States | null = null;
  /** What knows how every text begins, and what reads the one at hand with it. */
  private model: TextModel | null = null;
  private reader: TextReader | null = null;

  /** Makes the input at least so long. */
  room(count: int): void {
    if (this.input.length < count) this.input = newBytes(roomFor(count));
  }

  /** Takes blocks of 64 bytes of the input into the state of SHA-256 at the start of the slab. */
  hash(from: int, count: int): void {
    if (this.digest === null) this.digest = new Digest();
    this.digest!.blocks(this.slab, this.input, from, count);
  }

  open(at: int, end: int): void {
    this.bits.open(this.input, at, end);
  }

  at(): int {
    return this.bits.at;
  }

  have(): int {
    return this.bits.have;
  }

  take(width: int): int {
    return this.bits.take(width);
  }

  gamma(): int {
    return this.bits.gamma();
  }

  /** Fields of one width into the slab, as far as they are there: how many they are. */
  fields(width: int, count: int): int {
    for (let i: int = 0; i < count; i++) {
      const value = this.bits.take(width);
      if (value < 0) return i;
      this.slab[i] = value;
    }
    return count;
  }

  huffmanTable(alphabet: int): int {
    if (this.huffman === null) this.huffman = new HuffmanCodes();
    return this.huffman!.table(this.bits, alphabet);
  }

  huffmanOnly(): int {
    return this.huffman!.only;
  }

  huffmanLeast(): int {
    return this.huffman!.least;
  }

  huffmanRead(count: int): int {
    return this.huffman!.read(this.bits, this.slab, count);
  }

  ransSpread(symbol: int, frequency: int, slot: int): int {
    if (this.states === null) this.states = new States();
    return this.states!.spread(symbol, frequency, slot);
  }

  ransBegin(from: int): void {
    this.states!.begin(this.input, from);
  }

  /** Whether the states are what they began with. */
  ransEnded(): int {
    return this.states!.ended();
  }

  ransRead(from: int, end: int, count: int, scale: int): int {
    return this.states!.decode(this.input, from, end, this.slab, count, scale);
  }

  gapsStart(): void {
    this.gaps.start();
  }

  gapsExpand(count: int, greatest: int, size: float, less: int): int {
    return this.gaps.expand(this.slab, this.other, count, greatest, size, less);
  }

  gapsFiller(): int {
    return this.gaps.filler;
  }

  isPrimed(): int {
    return this.model === null ? 0 : 1;
  }

  /** The knots are at the start of the slab, behind them the weights, the text that is known in the input. */
  prime(knots: int, count: int): void {
    const kept = newInts(knots);
    for (let i: int = 0; i < knots; i++) kept[i] = this.slab[i]!;
    const model = new TextModel(kept);
    model.begin(this.input, count, this.slab, knots);
    model.keep();
    this.model = model;
    this.reader = new TextReader(model);
  }

  textStart(at: int, end: int): void {
    this.model!.goBack();
    this.reader!.start(this.input, at, end);
  }

  textRead(count: int): void {
    this.reader!.read(this.slab, count);
  }

  textAt(): int {
    return this.reader!.at;
  }
}
