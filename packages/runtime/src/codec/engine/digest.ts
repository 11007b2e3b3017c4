/** The rounds of SHA-256 (FIPS 180-4). */
import { byteAt, type bytes, type int, type ints, newInts, toFloat, toInt } from '../mix/ints.js';

const rounds: int = 64;

/** The first 32 bits of what the cube roots of the first 64 primes have behind the point. */
function makeConstants(): ints {
  const constants = newInts(rounds);
  let found: int = 0;
  for (let n: int = 2; found < rounds; n++) {
    let divisor: int = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor <= n) continue;
    const root = Math.cbrt(toFloat(n));
    constants[found] = toInt((root - Math.floor(root)) * 4294967296);
    found++;
  }
  return constants;
}

function turned(x: int, by: int): int {
  return (x >>> by) | (x << (32 - by));
}

export class Digest {
  private readonly constants: ints = makeConstants();
  private readonly words: ints = newInts(rounds);

  /** Takes whole blocks of 64 bytes into the state. */
  blocks(state: ints, source: bytes, from: int, count: int): void {
    for (let i: int = 0; i < count; i++) this.block(state, source, from + 64 * i);
  }

  private block(state: ints, source: bytes, start: int): void {
    const w = this.words;
    const constants = this.constants;
    let at = start;
    for (let i: int = 0; i < 16; i++) {
      w[i] = (byteAt(source, at) << 24) | (byteAt(source, at + 1) << 16) | (byteAt(source, at + 2) << 8) | byteAt(source, at + 3);
      at += 4;
    }
    for (let i: int = 16; i < rounds; i++) {
      const near = w[i - 15]!;
      const far = w[i - 2]!;
      const s0 = turned(near, 7) ^ turned(near, 18) ^ (near >>> 3);
      const s1 = turned(far, 17) ^ turned(far, 19) ^ (far >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let i: int = 0; i < rounds; i++) {
      const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i]! + w[i]!) | 0;
      const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] = (state[0]! + a) | 0;
    state[1] = (state[1]! + b) | 0;
    state[2] = (state[2]! + c) | 0;
    state[3] = (state[3]! + d) | 0;
    state[4] = (state[4]! + e) | 0;
    state[5] = (state[5]! + f) | 0;
    state[6] = (state[6]! + g) | 0;
    state[7] = (state[7]! + h) | 0;
  }
}
