/** SHA-256 (FIPS 180-4). Our own, because reading and writing are synchronous and `crypto.subtle` is not. */
import { type Engine, engineFor } from './engine/engine.js';

const first = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
/** Bytes of a stream that go into an engine at a time. */
const windowLength = 65536;

/** The 32 bytes; of these parts, one after the other. */
export function sha256(parts: readonly Uint8Array[], engine = engineFor(windowLength)): Uint8Array {
  const hash = new Sha256(engine);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The same of bytes that come in pieces. */
export class Sha256 {
  private readonly engine: Engine;
  private readonly state = Int32Array.from(first);
  /** The beginning of a block of which the rest has not come. */
  private readonly held = new Uint8Array(64);
  private length = 0;

  constructor(engine = engineFor(windowLength)) {
    this.engine = engine;
  }

  update(bytes: Uint8Array): void {
    const have = this.length % 64;
    const { held } = this;
    this.length += bytes.length;
    let at = 0;
    if (have > 0) {
      at = Math.min(64 - have, bytes.length);
      held.set(bytes.subarray(0, at), have);
      if (have + at < 64) return;
      this.take(held.slice());
    }
    const whole = bytes.length - ((bytes.length - at) % 64);
    for (; at < whole; at += windowLength) this.take(bytes.subarray(at, Math.min(at + windowLength, whole)));
    held.set(bytes.subarray(whole));
  }

  /** Of all that came. Nothing may come after it. */
  digest(): Uint8Array {
    const { held, length } = this;
    const rest = length % 64;
    const tail = new Uint8Array(rest < 56 ? 64 : 128);
    tail.set(held.subarray(0, rest));
    tail[rest] = 0x80;
    for (let i = 0, bits = length * 8; bits > 0; i++, bits = Math.floor(bits / 256)) tail[tail.length - 1 - i] = bits % 256;
    this.take(tail);
    const out = new Uint8Array(32);
    for (let i = 0; i < 32; i++) out[i] = this.state[i >> 2]! >>> (24 - 8 * (i & 3));
    return out;
  }

  /** Whole blocks. */
  private take(bytes: Uint8Array): void {
    const { engine, state } = this;
    engine.hold(bytes);
    engine.slab.set(state);
    engine.hash(0, bytes.length / 64);
    state.set(engine.slab.subarray(0, state.length));
    engine.letGo();
  }
}
