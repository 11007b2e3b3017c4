/**
 * Seeded random numbers: xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32 from a number and a path of names, so that
 * each consumer has a stream of its own and adding one does not disturb the others. The same on every machine.
 */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
}

export class Random {
  private readonly s: Uint32Array;

  constructor(seed: number | RandomState) {
    if (typeof seed === 'number') {
      let z = seed >>> 0;
      this.s = Uint32Array.from({ length: 4 }, () => {
        z = (z + 0x9e3779b9) >>> 0;
        let t = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
        t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
        return (t ^ (t >>> 15)) >>> 0;
      });
    } else this.s = Uint32Array.from(seed.words);
  }

  /** A stream of its own for a consumer, by name: `Random.of(7, 'shuffle', 3)` is the third epoch's order. */
  static of(seed: number, ...path: readonly (string | number)[]): Random {
    let h = (seed ^ 0x811c9dc5) >>> 0; // FNV-1a over the path
    for (const ch of path.join('/')) h = Math.imul(h ^ ch.codePointAt(0)!, 0x01000193) >>> 0;
    return new Random((h ^ Math.imul(seed, 0x9e3779b1)) >>> 0);
  }

  /** A whole number in 0 … 2^32 − 1. */
  word(): number {
    const s = this.s;
    const x = Math.imul(s[1]!, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 32 bits. */
  unit(): number {
    return this.word() / 4294967296;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number in 0 … n − 1, without bias. */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    let w = this.word();
    while (w >= limit) w = this.word();
    return w % n;
  }

  /** Standard normal, Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const u = 2 * this.unit() - 1;
      const v = 2 * this.unit() - 1;
      const q = u * u + v * v;
      if (q > 0 && q < 1) return u * Math.sqrt((-2 * Math.log(q)) / q);
    }
  }

  /** Fisher–Yates, in place. */
  shuffle<T extends { length: number; [i: number]: unknown }>(list: T): T {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = list[i];
      list[i] = list[j];
      list[j] = kept;
    }
    return list;
  }

  state(): RandomState {
    return { words: [this.s[0]!, this.s[1]!, this.s[2]!, this.s[3]!] };
  }
}
