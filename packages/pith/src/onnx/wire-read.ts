/**
 * Reading of the protobuf wire format over one buffer, bounded everywhere: a length never reaches beyond its message, messages nest to a
 * fixed depth, the objects made are metered. Nothing is copied; every error names the byte. Groups, which ONNX does not have, are refused.
 * Contract: a visitor consumes the value of each field it is shown, by one of the reading words or by `skip`.
 */
import { wireType } from 'pith-runtime/onnx';
import { type ErrorCode, PithError, type Place } from '../base/errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class WireReader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte, and of the end of the message that is being read. */
  pos = 0;
  end: number;
  /** Wire type of the value that comes next, and the offset of its tag. */
  wire = 0;
  tagAt = 0;
  /** The two halves of the varint that was read last, as unsigned numbers. */
  low = 0;
  high = 0;
  private readonly view: DataView;
  private readonly depthLimit: number;
  private depth = 0;
  private readonly objectLimit: number;
  private objectBytes = 0;

  constructor(bytes: Uint8Array, limits: { readonly depth: number; readonly objects: number }) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.depthLimit = limits.depth;
    this.objectLimit = limits.objects;
  }

  /** Throws the error that says what is wrong at the current field. */
  fail(code: ErrorCode, expected: string, got: string, more: { fix?: string; at?: Place } = {}): never {
    const { fix, at } = more;
    throw new PithError(code, { at: { byte: this.tagAt, ...at }, expected, got, ...(fix === undefined ? {} : { fix }) });
  }

  malformed(expected: string, got: string): never {
    return this.fail('input.onnx-malformed', expected, got, { fix: 'the file is damaged or not an ONNX model' });
  }

  private short(expected: string): never {
    const here = `${this.end - this.pos} bytes`;
    if (this.end < this.bytes.length) this.malformed(`${expected} inside its message`, here);
    this.fail('input.onnx-truncated', expected, `the end of the file after ${here}`, {
      fix: 'the file is cut off: download or export it again',
    });
  }

  /** Meters an object that the reader is about to make, by its size in memory. Throws `limit.objects`. */
  count(bytes: number): void {
    this.objectBytes += bytes;
    if (this.objectBytes > this.objectLimit)
      this.fail('limit.objects', `a graph of at most ${this.objectLimit} bytes in memory, tensor data aside`, 'a larger one', {
        fix: 'raise limits.objects',
      });
  }

  /** Visits the fields from here to the end of the current message. */
  fields(visit: (field: number) => void): void {
    while (this.pos < this.end) {
      this.tagAt = this.pos;
      this.readVarint();
      const field = this.low >>> 3;
      this.wire = this.low & 7;
      if (this.high !== 0 || field === 0) this.malformed('a field number in 1 … 536870911', this.high ? 'a larger one' : '0');
      visit(field);
    }
  }

  /** Visits the fields of the message that comes next. Throws `limit.depth`. */
  message(visit: (field: number) => void): void {
    const stop = this.stop();
    this.again(this.pos, stop, visit);
    this.pos = stop;
  }

  /** Visits the fields that stand between two offsets; goes on where it was. */
  again(from: number, to: number, visit: (field: number) => void): void {
    if (this.depth >= this.depthLimit)
      this.fail('limit.depth', `messages nested at most ${this.depthLimit} deep`, 'deeper ones', { fix: 'raise limits.depth' });
    const { pos, end } = this;
    this.depth++;
    this.pos = from;
    this.end = to;
    this.fields(visit);
    this.depth--;
    this.pos = pos;
    this.end = end;
  }

  private need(type: number, name: string): void {
    if (this.wire !== type) this.malformed(name, `wire type ${this.wire}`);
  }

  /** The end of the length-delimited value that comes next; `pos` is then its start. */
  stop(): number {
    this.need(wireType.bytes, 'a length-delimited value');
    this.readVarint();
    if (this.high !== 0 || this.low > this.end - this.pos) this.short(`${this.high * 2 ** 32 + this.low} bytes`);
    return this.pos + this.low;
  }

  /** A view of the length-delimited value that comes next. */
  blob(): Uint8Array {
    const stop = this.stop();
    const view = this.bytes.subarray(this.pos, stop);
    this.pos = stop;
    return view;
  }

  /** A string, or undefined where the bytes are not UTF-8. */
  text(): string | undefined {
    const bytes = this.blob();
    this.count(32 + bytes.length);
    try {
      return utf8.decode(bytes);
    } catch {
      return undefined;
    }
  }

  /** A string that must be UTF-8. */
  string(): string {
    return this.text() ?? this.malformed('text in UTF-8', 'other bytes');
  }

  /** A signed 64-bit number; a bigint only beyond 2^53. */
  int(): number | bigint {
    this.need(wireType.varint, 'a varint');
    this.readVarint();
    return this.signed();
  }

  /** The varint that was read last, as a signed number. */
  signed(): number | bigint {
    const high = this.high | 0;
    const value = high * 4294967296 + this.low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(this.low);
  }

  /** A whole number in 0 … 2^53 − 1. */
  natural(): number {
    const value = this.int();
    if (typeof value === 'bigint' || value < 0) this.malformed('a number in 0 … 2^53 − 1', String(value));
    return value;
  }

  /** Gives the numbers of a repeated varint field, packed or one by one. */
  ints(give: (value: number | bigint) => void): void {
    if (this.wire !== wireType.bytes) give(this.int());
    else
      this.packed(() => {
        this.readVarint();
        give(this.signed());
      });
  }

  float(): number {
    this.need(wireType.fixed32, 'a 32-bit float');
    return this.readFloat();
  }

  /** Gives the numbers of a repeated float field, packed or one by one. */
  floats(give: (value: number) => void): void {
    if (this.wire !== wireType.bytes) give(this.float());
    else this.packed(() => give(this.readFloat()));
  }

  /** Calls `element` until the packed value that comes next is used up. */
  packed(element: () => void): void {
    const end = this.end;
    const stop = this.stop();
    this.end = stop;
    while (this.pos < stop) element();
    this.end = end;
  }

  skip(): void {
    if (this.wire === wireType.varint) this.readVarint();
    else if (this.wire === wireType.fixed64) this.take(8);
    else if (this.wire === wireType.bytes) this.blob();
    else if (this.wire === wireType.fixed32) this.take(4);
    else this.malformed('wire type 0, 1, 2 or 5', String(this.wire));
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (this.end - this.pos < length) this.short(`${length} bytes`);
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }

  private readFloat(): number {
    if (this.end - this.pos < 4) this.short('4 bytes');
    this.pos += 4;
    return this.view.getFloat32(this.pos - 4, true);
  }

  /** Reads the varint at `pos` into `low` and `high`. */
  readVarint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.end) this.short('the rest of a number');
      const byte = this.bytes[this.pos++]!;
      const seven = byte & 0x7f;
      if (shift < 28) low |= seven << shift;
      else if (shift === 28) {
        low |= seven << 28;
        high = seven >>> 4;
      } else high |= seven << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    this.malformed('a number of at most 10 bytes', 'a longer one');
  }
}
