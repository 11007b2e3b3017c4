/**
 * Bytes out and bytes in: little-endian numbers, varints (LEB128, shortest form), zigzag integers, UTF-8 strings. The reader is bounded:
 * it never looks past its end, never believes a length before it has compared it with what is left, and throws `input.pith-truncated`
 * or `input.pith-value`.
 */
import { PithError } from '../errors.js';

const utf8Out = new TextEncoder();
const utf8In = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ByteWriter {
  private buffer = new Uint8Array(256);
  private at = 0;

  get length(): number {
    return this.at;
  }

  private room(more: number): void {
    if (this.at + more <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.at + more));
    grown.set(this.buffer.subarray(0, this.at));
    this.buffer = grown;
  }

  u8(value: number): void {
    this.room(1);
    this.buffer[this.at++] = value;
  }

  u32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.u8((value >>> shift) & 255);
  }

  /** A whole number in 0 … 2^53 − 1. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.u8((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  /** A signed number of 64 bits, zigzag: 0, −1, 1, −2 … as 0, 1, 2, 3 … */
  int64(value: number | bigint): void {
    const wide = BigInt(value);
    let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
    while (rest > 127n) {
      this.u8(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.u8(Number(rest));
  }

  f32(value: number): void {
    this.bytes(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Bytes with their length in front. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  string(text: string): void {
    this.blob(utf8Out.encode(text));
  }

  /** What was written so far: a view, valid until the next write. */
  done(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }
}

export class ByteReader {
  readonly source: Uint8Array;
  readonly end: number;
  at: number;

  constructor(source: Uint8Array, start = 0, end = source.length) {
    this.source = source;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Throws `input.pith-truncated` where fewer than `count` bytes are left. */
  need(count: number): void {
    if (count > this.left)
      throw new PithError('input.pith-truncated', {
        at: { byte: this.at },
        expected: `${count} more bytes`,
        got: `${this.left}`,
        fix: 'the file is incomplete or damaged: fetch it again',
      });
  }

  /** Throws `input.pith-value` at the current byte. */
  refuse(expected: string, got: string): never {
    throw new PithError('input.pith-value', { at: { byte: this.at }, expected, got });
  }

  u8(): number {
    this.need(1);
    return this.source[this.at++]!;
  }

  u32(): number {
    this.need(4);
    let value = 0;
    for (let i = 0; i < 4; i++) value += this.source[this.at++]! * 2 ** (8 * i);
    return value;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER || scale > 2 ** 49) this.refuse('a number below 2^53', 'a longer one');
      if (byte > 127) continue;
      if (byte === 0 && scale > 1) this.refuse('a number in its shortest form', 'zeros in front');
      return value;
    }
  }

  /** How many things follow, each of which takes at least `least` bytes. */
  count(least = 1): number {
    const count = this.varint();
    this.need(count * least);
    return count;
  }

  int64(): number | bigint {
    let raw = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      raw |= BigInt(byte & 127) << shift;
      if (raw >> 64n || shift > 63n) this.refuse('a number of 64 bits', 'a longer one');
      if (byte > 127) continue;
      if (byte === 0 && shift) this.refuse('a number in its shortest form', 'zeros in front');
      break;
    }
    const value = (raw >> 1n) ^ -(raw & 1n);
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }

  f32(): number {
    return new Float32Array(this.bytes(4).slice().buffer)[0]!;
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    this.need(count);
    this.at += count;
    return this.source.subarray(this.at - count, this.at);
  }

  blob(): Uint8Array {
    return this.bytes(this.varint());
  }

  string(): string {
    const bytes = this.blob();
    try {
      return utf8In.decode(bytes);
    } catch (cause) {
      throw new PithError('input.pith-value', { at: { byte: this.at - bytes.length }, expected: 'UTF-8', got: 'other bytes' }, { cause });
    }
  }
}
