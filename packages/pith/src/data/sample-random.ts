/**
 * Random numbers for one sample: xoroshiro64** (Blackman and Vigna, 2018), reseeded in place from three numbers in a few nanoseconds, so
 * that every image of every epoch has a stream of its own however the work is cut. The same on every machine. For all other uses there is
 * base/random.ts, which is slower to seed and has a longer period.
 */
export class SampleRandom {
  private a = 1;
  private b = 0;

  /** Starts the stream of (seed, epoch, index). */
  seed(seed: number, epoch: number, index: number): this {
    this.a = mix(mix(mix(seed ^ 0x243f6a88) ^ epoch) ^ index);
    this.b = mix(mix(mix(index ^ 0x13198a2e) ^ seed) ^ epoch) | 1;
    return this;
  }

  /** A whole number in 0 … 2^32 − 1. */
  word(): number {
    const a = this.a;
    const b = this.b ^ a;
    const x = Math.imul(a, 0x9e3779bb);
    this.a = ((a << 26) | (a >>> 6)) ^ b ^ (b << 9);
    this.b = (b << 13) | (b >>> 19);
    return Math.imul((x << 5) | (x >>> 27), 5) >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.word() / 4294967296;
  }

  /** Uniform in [−reach, reach). */
  around(reach: number): number {
    return reach * (this.word() / 2147483648 - 1);
  }

  /** A whole number in 0 … n − 1 for small n (the bias is n / 2^32). */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** Nearly standard normal: the sum of the four bytes of a word, never beyond ±3.46. Made for pixel noise. */
  bell(): number {
    const w = this.word();
    return ((w & 255) + ((w >>> 8) & 255) + ((w >>> 16) & 255) + (w >>> 24) - 510) * (1 / 147.8005);
  }
}

/** The finalizer of MurmurHash3. */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
