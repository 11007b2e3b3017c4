/**
 * Writing of the protobuf wire format as a list of chunks: numbers and names gather in small buffers, blobs and finished messages are
 * passed on as they are, so that a weight is not copied however deep it stands, and one that is asked for later is not even there. The same
 * calls give the same bytes.
 */
import { PithError } from '../errors.js';

export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const encoder = new TextEncoder();

/** Below this, a blob is cheaper copied than carried. */
const small = 1024;

/** Bytes that are asked for when their turn comes. */
interface Later {
  readonly length: number;
  readonly read: () => Uint8Array;
}

const bytesOf = (chunk: Uint8Array | Later): Uint8Array => (chunk instanceof Uint8Array ? chunk : chunk.read());

export class WireWriter {
  private readonly chunks: (Uint8Array | Later)[] = [];
  private buffer: number[] = [];
  private finished = 0;

  private flush(): void {
    if (this.buffer.length === 0) return;
    this.chunks.push(Uint8Array.from(this.buffer));
    this.finished += this.buffer.length;
    this.buffer = [];
  }

  private get length(): number {
    return this.finished + this.buffer.length;
  }

  private append(bytes: Uint8Array | Later): void {
    if (bytes instanceof Uint8Array && bytes.length < small) for (let i = 0; i < bytes.length; i++) this.buffer.push(bytes[i]!);
    else {
      this.flush();
      this.chunks.push(bytes);
      this.finished += bytes.length;
    }
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.buffer.push((rest % 128) | 0x80);
    this.buffer.push(rest);
  }

  private signed(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) this.varint(value);
    else {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 0x80n; rest >>= 7n) this.buffer.push(Number(rest & 0x7fn) | 0x80);
      this.buffer.push(Number(rest));
    }
  }

  private tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  int(field: number, value: number | bigint): void {
    this.tag(field, wireType.varint);
    this.signed(value);
  }

  /** One field for each number, as onnx.proto (proto2, not packed) declares attributes and dims. */
  ints(field: number, values: readonly (number | bigint)[]): void {
    for (const value of values) this.int(field, value);
  }

  float(field: number, value: number): void {
    this.tag(field, wireType.fixed32);
    this.append(new Uint8Array(Float32Array.of(value).buffer));
  }

  blob(field: number, bytes: Uint8Array): void {
    this.tag(field, wireType.bytes);
    this.varint(bytes.length);
    this.append(bytes);
  }

  /** `read` gives `length` bytes, once. */
  later(field: number, length: number, read: () => Uint8Array): void {
    this.tag(field, wireType.bytes);
    this.varint(length);
    this.append(length < small ? read() : { length, read });
  }

  text(field: number, value: string): void {
    this.blob(field, encoder.encode(value));
  }

  /** Text that may be left away where it is empty. */
  textIfAny(field: number, value: string): void {
    if (value !== '') this.text(field, value);
  }

  message(field: number, write: (inner: WireWriter) => void): void {
    const inner = new WireWriter();
    write(inner);
    this.tag(field, wireType.bytes);
    this.varint(inner.length);
    for (const chunk of inner.complete()) this.append(chunk);
  }

  /** All in one array. Throws as `finish`. */
  joined(): Uint8Array {
    const chunks = this.complete();
    const out = new Uint8Array(this.finished);
    let at = 0;
    for (const chunk of chunks) {
      out.set(bytesOf(chunk), at);
      at += chunk.length;
    }
    return out;
  }

  /** The chunks in order. Throws `limit.protobuf` at 2 GiB, where protobuf ends. */
  finish(): Uint8Array[] {
    return this.complete().map(bytesOf);
  }

  private complete(): readonly (Uint8Array | Later)[] {
    this.flush();
    if (this.finished >= 2 ** 31)
      throw new PithError('limit.protobuf', {
        expected: 'less than 2 GiB',
        got: `${this.finished} bytes`,
        fix: 'make the model smaller first',
      });
    return this.chunks;
  }
}
