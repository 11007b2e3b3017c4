/**
 * Binary range coder with carry propagation (Martin, "Range encoding", 1979): a bit that is 1 with chance p / 65536 takes that part of the
 * current interval. 32 bits of range, never below 2^24 before a bit; every product is exact in a double. The encoder ends with as few bytes
 * as tell the interval; the decoder sees zeros past the end, at most four of them, so that no input makes it work without end.
 */
import { PithError } from '../errors.js';
import { ByteWriter } from './bytes.js';

const least = 2 ** 24;
const whole = 2 ** 32;
/** The decoder looks this far ahead. */
const ahead = 4;

/** What a model sees of a coder: the encoder is told the bit, the decoder tells it. Both return it. */
export interface BinaryCoder {
  /** `chance` that the bit is 1, in 1 … 65535 of 65536. */
  bit(bit: number, chance: number): number;
  /** A number of `width` bits, at most 16, each value as likely as any other. */
  raw(value: number, width: number): number;
  /** Bits that what was coded so far has taken, with their fraction; the same for encoder and decoder. */
  position(): number;
}

export class RangeEncoder implements BinaryCoder {
  private readonly out = new ByteWriter();
  private low = 0;
  private range = whole - 1;
  /** The last byte that a carry may still change, and how many bytes 255 follow it. */
  private cache = -1;
  private full = 0;

  bit(bit: number, chance: number): number {
    const bound = Math.floor((this.range * chance) / 65536);
    if (bit === 1) this.range = bound;
    else {
      this.low += bound;
      this.range -= bound;
    }
    if (this.range < least) this.normalize();
    return bit;
  }

  raw(value: number, width: number): number {
    this.range = Math.floor(this.range / 2 ** width);
    this.low += this.range * value;
    if (this.range < least) this.normalize();
    return value;
  }

  private normalize(): void {
    for (; this.range < least; this.range *= 256) this.shift();
  }

  private shift(): void {
    const top = Math.floor(this.low / least);
    if (top === 255 && this.cache >= 0) this.full++;
    else {
      this.settle(top > 255 ? 1 : 0);
      this.cache = top & 255;
    }
    this.low = (this.low % least) * 256;
  }

  private settle(carry: number): void {
    if (this.cache >= 0) this.out.u8((this.cache + carry) & 255);
    for (; this.full > 0; this.full--) this.out.u8((255 + carry) & 255);
  }

  position(): number {
    return 8 * (this.out.length + this.full + (this.cache >= 0 ? 1 : 0)) + 32 - Math.log2(this.range);
  }

  /** The coded bytes. Nothing can be coded afterwards. */
  finish(): Uint8Array {
    let keep = 0;
    let value = 0;
    for (; ; keep++) {
      const unit = 2 ** (32 - 8 * keep);
      value = Math.ceil(this.low / unit) * unit;
      if (value < this.low + this.range) break;
    }
    this.low = value;
    for (; keep > 0; keep--) this.shift();
    this.settle(this.low >= whole ? 1 : 0);
    return this.out.done().slice();
  }
}

export class RangeDecoder implements BinaryCoder {
  private readonly bytes: Uint8Array;
  private at = 0;
  private range = whole - 1;
  private code = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    for (let i = 0; i < ahead; i++) this.code = this.code * 256 + this.next();
  }

  /** Throws `input.pith-truncated` where more than four bytes past the end are asked for. */
  private next(): number {
    if (this.at < this.bytes.length) return this.bytes[this.at++]!;
    if (this.at >= this.bytes.length + ahead) truncated();
    this.at++;
    return 0;
  }

  bit(_: number, chance: number): number {
    const bound = Math.floor((this.range * chance) / 65536);
    const bit = this.code < bound ? 1 : 0;
    if (bit === 1) this.range = bound;
    else {
      this.code -= bound;
      this.range -= bound;
    }
    if (this.range < least) this.normalize();
    return bit;
  }

  raw(_: number, width: number): number {
    this.range = Math.floor(this.range / 2 ** width);
    const value = Math.min(Math.floor(this.code / this.range), 2 ** width - 1);
    this.code -= value * this.range;
    if (this.range < least) this.normalize();
    return value;
  }

  private normalize(): void {
    for (; this.range < least; this.range *= 256) this.code = this.code * 256 + this.next();
  }

  position(): number {
    return 8 * (this.at - ahead) + 32 - Math.log2(this.range);
  }

  /** Throws `input.pith-code` unless every byte was looked at. */
  end(): void {
    if (this.at < this.bytes.length) unread(this.bytes.length - this.at);
  }
}

export function truncated(): never {
  throw new PithError('input.pith-truncated', {
    expected: 'more coded bytes',
    got: 'their end',
    fix: 'the file is incomplete or damaged: fetch it again',
  });
}

export function unread(bytes: number): never {
  throw new PithError('input.pith-code', { expected: 'coded bytes that are all read', got: `${bytes} bytes more` });
}
