/** Bits out and bits in, most significant first. The last byte is filled up with zeros, and the reader insists on them. */
import { PithError } from '../errors.js';
import { ByteReader, type ByteWriter } from './bytes.js';

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
  private readonly source: Uint8Array;
  private readonly start: number;
  private readonly end: number;
  private at: number;
  private pending = 0;
  private have = 0;

  /** Reads on from where a byte reader stands; `finish` gives the position back. */
  constructor(from: ByteReader) {
    this.source = from.source;
    this.start = from.at;
    this.at = from.at;
    this.end = from.end;
  }

  static of(bytes: Uint8Array): BitReader {
    return new BitReader(new ByteReader(bytes));
  }

  /** Bits read so far. */
  get position(): number {
    return (this.at - this.start) * 8 - this.have;
  }

  /** Bits that are left. */
  get left(): number {
    return (this.end - this.at) * 8 + this.have;
  }

  /** Throws `input.pith-truncated` where fewer bits than this are left. */
  need(bits: number): void {
    if (bits > this.left)
      throw new PithError('input.pith-truncated', {
        at: { byte: this.at },
        expected: `${bits} more bits`,
        got: `${this.left}`,
        fix: 'the file is incomplete or damaged: fetch it again',
      });
  }

  /** The next `width` bits (at most 24) without taking them; zeros past the end. */
  peek(width: number): number {
    while (this.have <= 24 && this.at < this.end) {
      this.pending = (this.pending << 8) | this.source[this.at++]!;
      this.have += 8;
    }
    const mask = (1 << width) - 1;
    return this.have >= width ? (this.pending >>> (this.have - width)) & mask : (this.pending << (width - this.have)) & mask;
  }

  /** Takes bits that were peeked at. */
  skip(width: number): void {
    if (width > this.have) this.need(width);
    this.have -= width;
    // a shift by 32 is a shift by 0: at 32 bits held nothing needs masking
    if (this.have < 32) this.pending &= (1 << this.have) - 1;
  }

  read(width: number): number {
    const value = this.peek(width);
    this.skip(width);
    return value;
  }

  /** A copy of the next bytes. */
  bytes(count: number): Uint8Array {
    this.need(count * 8);
    if (this.have % 8 === 0) {
      const start = this.at - this.have / 8;
      this.at = start + count;
      this.have = 0;
      return this.source.slice(start, this.at);
    }
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) bytes[i] = this.read(8);
    return bytes;
  }

  gamma(): number {
    let more = 0;
    while (this.read(1) === 0) if (++more > 20) this.refuse('a number of at most 21 bits', 'a longer one');
    return 2 ** more + this.read(more);
  }

  /** Throws `input.pith-code` at the current byte. */
  refuse(expected: string, got: string): never {
    throw new PithError('input.pith-code', { at: { byte: this.at }, expected, got });
  }

  /** Goes on at the next byte; the rest of this one must be zeros. */
  align(): void {
    if (this.read(this.have % 8) !== 0) this.refuse('zeros in the rest of the byte', 'ones');
  }

  /** Checks that the rest of the last byte is zero and moves the byte reader behind it. */
  finish(to: ByteReader): void {
    this.align();
    to.at = this.at - this.have / 8;
  }
}
