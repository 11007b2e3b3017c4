/** Bits out and bits in, most significant first. The last byte is filled up with zeros, and the reader insists on them. */
import { PithError } from '../errors.js';
import { ByteReader, type ByteWriter } from './bytes.js';
import { tooLong } from './engine/bits.js';
import { slabLength } from './engine/core.js';
import { type Engine, engineFor } from './engine/engine.js';

export class BitWriter {
  private readonly out: ByteWriter;
  private pending = 0;
  private have = 0;
  /** Bits written so far. */
  length = 0;

  constructor(out: ByteWriter) {
    this.out = out;
  }

  /** The low `width` bits of `value`, width 0 … 24. */
  write(value: number, width: number): void {
    this.length += width;
    this.pending = (this.pending << width) | value;
    this.have += width;
    while (this.have >= 8) {
      this.have -= 8;
      this.out.u8((this.pending >>> this.have) & 255);
    }
    this.pending &= (1 << this.have) - 1;
  }

  /** Elias' gamma code of a number from 1: as many zeros as it has bits after the first, then the number. */
  gamma(value: number): void {
    const more = 31 - Math.clz32(value);
    this.write(0, more);
    this.write(value, more + 1);
  }

  bytes(bytes: Uint8Array): void {
    if (this.have === 0) {
      this.out.bytes(bytes);
      this.length += bytes.length * 8;
    } else for (let i = 0; i < bytes.length; i++) this.write(bytes[i]!, 8);
  }

  /** Fills the last byte up with zeros; more may follow. */
  finish(): void {
    if (this.have > 0) this.write(0, 8 - this.have);
  }
}

export class BitReader {
  /** Where entries are read that are many. */
  readonly engine: Engine;
  private readonly source: Uint8Array;
  private readonly start: number;
  private readonly end: number;

  /** Reads on from where a byte reader stands; `finish` gives the position back. */
  constructor(from: ByteReader, engine = engineFor(from.source.length)) {
    this.engine = engine;
    this.source = from.source;
    this.start = from.at;
    this.end = from.end;
    engine.hold(from.source);
    engine.open(from.at, from.end);
  }

  static of(bytes: Uint8Array): BitReader {
    return new BitReader(new ByteReader(bytes));
  }

  /** Bits read so far. */
  get position(): number {
    return (this.engine.at() - this.start) * 8 - this.engine.have();
  }

  /** Bits that are left. */
  get left(): number {
    return (this.end - this.engine.at()) * 8 + this.engine.have();
  }

  /** Throws `input.pith-truncated` where fewer bits than this are left. */
  need(bits: number): void {
    if (bits > this.left) this.truncated(bits);
  }

  /** Throws `input.pith-truncated`. */
  truncated(bits: number): never {
    throw new PithError('input.pith-truncated', {
      at: { byte: this.engine.at() },
      expected: `${bits} more bits`,
      got: `${this.left}`,
      fix: 'the file is incomplete or damaged: fetch it again',
    });
  }

  /** The next `width` bits, at most 24. */
  read(width: number): number {
    const value = this.engine.take(width);
    return value < 0 ? this.truncated(width) : value;
  }

  /** Passes over whole bytes, from the start of one on; gives where they begin. */
  skipBytes(count: number): number {
    this.need(count * 8);
    const start = this.engine.at() - this.engine.have() / 8;
    this.engine.open(start + count, this.end);
    return start;
  }

  /** A copy of the next bytes. */
  bytes(count: number): Uint8Array {
    this.need(count * 8);
    if (this.engine.have() % 8 === 0) {
      const start = this.skipBytes(count);
      return this.source.slice(start, start + count);
    }
    const bytes = new Uint8Array(count);
    this.into(bytes, 0, 1, count, (now) => this.engine.fields(8, now));
    return bytes;
  }

  gamma(): number {
    const value = this.engine.gamma();
    if (value === tooLong) this.refuse('a number of at most 21 bits', 'a longer one');
    return value < 0 ? this.truncated(1) : value;
  }

  /** Takes from the slab what `read` puts there, entry by entry to `into[offset]`, `into[offset + stride]` … Fewer than asked is an end. */
  into(into: Uint8Array | Uint16Array | Uint32Array, offset: number, stride: number, count: number, read: (now: number) => number): void {
    for (let done = 0, at = offset; done < count; done += slabLength) {
      const now = Math.min(slabLength, count - done);
      if (read(now) < now) this.truncated(1);
      const { slab } = this.engine;
      if (stride === 1) into.set(now < slabLength ? slab.subarray(0, now) : slab, at);
      else for (let i = 0; i < now; i++) into[at + i * stride] = slab[i]!;
      at += now * stride;
    }
  }

  /** Throws `input.pith-code` at the current byte. */
  refuse(expected: string, got: string): never {
    throw new PithError('input.pith-code', { at: { byte: this.engine.at() }, expected, got });
  }

  /** Goes on at the next byte; the rest of this one must be zeros. */
  align(): void {
    if (this.read(this.engine.have() % 8) !== 0) this.refuse('zeros in the rest of the byte', 'ones');
  }

  /** Checks that the rest of the last byte is zero and moves the byte reader behind it. */
  finish(to: ByteReader): void {
    this.align();
    to.at = this.engine.at() - this.engine.have() / 8;
  }
}
