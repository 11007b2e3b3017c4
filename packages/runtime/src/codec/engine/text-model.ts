/** The model of the text coder and its decoder: see text.ts. */
import type { bytes, float, int, ints } from '../mix/ints.js';
import { by65536, byteAt, copyInts, newBytes, newInts, product, times, toFloat } from '../mix/ints.js';

const orders: int = 6;
const slotBits: int = 14;
const slotsEach: int = 1 << slotBits;
/** Adaptation slows down as a slot is seen more often: 1/1.5, 1/2.5, … */
const slowest: int = 60;
const byteSize: float = 256;
const topByte: float = 16777216;

/** Where an interval of the arithmetic coder is cut; exact in doubles. */
export function cut(low: float, high: float, chance: int): float {
  return low + Math.floor(((high - low) * toFloat(chance)) / 4096);
}

/** Where in the state of a model stand its weights, hashes of contexts and last bytes; slots stand first. */
const weightsAt: int = orders * slotsEach;
const hashAt: int = weightsAt + (orders + 1) * orders;
const recentAt: int = hashAt + orders;
const stateLength: int = recentAt + orders;

/** Of the last bytes, the latest first. @inline */
function hashed(before: int, byte: int): int {
  return product(before + byte + 1, 739982445);
}

/** @inline */
function spread(hash: int): int {
  return hash ^ (hash >>> 15);
}

/** Where a context has the bits of this byte so far, behind a 1. @inline */
function slotOf(context: int, partial: int): int {
  return product(context + product(partial, -1640531535), 625341585) >>> (32 - slotBits);
}

/** A slot that has seen one more bit. @inline */
function taught(slot: int, bit: int, rates: ints): int {
  const n = slot & 255;
  const chance = slot >> 8;
  const goal: int = bit === 1 ? 32767 : -32768;
  const moved = chance + by65536(times(goal - chance, rates[n]!));
  return (moved << 8) | (n < slowest ? n + 1 : n);
}

export class TextModel {
  /**
   * A slot is a chance of 65536, less 32768, 256 times, plus how often it was seen. Weights: one set for each number of contexts that have
   * been seen before.
   */
  private readonly state: ints = newInts(stateLength);
  private kept: ints = newInts(0);
  private readonly at: ints = newInts(orders);
  private readonly input: ints = newInts(orders);
  private readonly rates: ints = newInts(slowest + 1);
  private readonly stretch: ints = newInts(4096);
  private readonly knots: ints;
  private set: int = 0;
  private mixed: int = 2048;
  /** The bits of this byte so far, behind a 1. */
  private partial: int = 1;

  /** `knots`: the logistic function at −2048, −1920 … 2048 of 256. */
  constructor(knots: ints) {
    this.knots = knots;
    this.state.fill(22000, weightsAt, hashAt);
    for (let n: int = 0; n <= slowest; n++) this.rates[n] = (131072 / (2 * n + 3)) | 0;
    const stretch = this.stretch;
    let p: int = 0;
    for (let x: int = -2047; x <= 2047; x++) {
      const reached = this.squash(x);
      while (p <= reached) {
        stretch[p] = x;
        p++;
      }
    }
    for (; p < 4096; p++) stretch[p] = 2047;
  }

  /** Between two bytes: remembers what it knows, to go back to it. */
  keep(): void {
    this.kept = newInts(stateLength);
    copyInts(this.kept, this.state);
  }

  goBack(): void {
    copyInts(this.state, this.kept);
    this.partial = 1;
  }

  /** Between the knots by linear interpolation: −2047 … 2047 → 1 … 4095. */
  private squash(x: int): int {
    if (x > 2047) return 4095;
    if (x < -2047) return 1;
    const low = (x >> 7) + 16;
    const part = x & 127;
    return (this.knots[low]! * (128 - part) + this.knots[low + 1]! * part + 64) >> 7;
  }

  /** The chance that the next bit is 1, in 1 … 4095 of 4096. */
  predict(): int {
    const state = this.state;
    const input = this.input;
    const places = this.at;
    const stretch = this.stretch;
    const partial = this.partial;
    let known: int = 0;
    for (let i: int = 0; i < orders; i++) {
      const at = i * slotsEach + slotOf(state[hashAt + i]!, partial);
      const slot = state[at]!;
      places[i] = at;
      input[i] = stretch[(slot >> 12) + 2048]!;
      if ((slot & 255) > 0) known++;
    }
    const set = weightsAt + known * orders;
    this.set = set;
    let sum = times(input[0]!, state[set]!);
    for (let i: int = 1; i < orders; i++) sum += times(input[i]!, state[set + i]!);
    const mixed = this.squash(by65536(sum));
    this.mixed = mixed;
    return mixed < 1 ? 1 : mixed > 4095 ? 4095 : mixed;
  }

  learn(bit: int): void {
    const state = this.state;
    const input = this.input;
    const places = this.at;
    const rates = this.rates;
    const set = this.set;
    const error = ((bit << 12) - this.mixed) * 10;
    for (let i: int = 0; i < orders; i++) {
      const w = set + i;
      state[w] = state[w]! + ((input[i]! * error + 8192) >> 14);
      const at = places[i]!;
      state[at] = taught(state[at]!, bit, rates);
    }
    const partial = this.partial * 2 + bit;
    this.partial = partial;
    if (partial < 256) return;
    this.partial = 1;
    this.remember(partial & 255);
  }

  private remember(byte: int): void {
    const state = this.state;
    for (let i: int = orders - 1; i > 0; i--) state[recentAt + i] = state[recentAt + i - 1]!;
    state[recentAt] = byte;
    let h: int = 0;
    for (let i: int = 1; i < orders; i++) {
      h = hashed(h, state[recentAt + i - 1]!);
      state[hashAt + i] = spread(h);
    }
  }

  /**
   * What it would have learned of this text bit by bit from the beginning, of which the weights are known: contexts learn from bits alone,
   * each order on its own, and nothing is predicted.
   */
  begin(text: bytes, count: int, weights: ints, from: int): void {
    const state = this.state;
    const rates = this.rates;
    for (let order: int = 0; order < orders; order++) {
      const first = order * slotsEach;
      for (let i: int = 0; i < count; i++) {
        let h: int = 0;
        // before the first byte no context has a hash
        if (i > 0) for (let back: int = 1; back <= order; back++) h = hashed(h, i >= back ? byteAt(text, i - back) : 0);
        const context = spread(h);
        const byte = byteAt(text, i) | 256;
        for (let left: int = 8; left > 0; left--) {
          const at = first + slotOf(context, byte >> left);
          state[at] = taught(state[at]!, (byte >> (left - 1)) & 1, rates);
        }
      }
    }
    for (let i: int = count > orders ? count - orders : 0; i < count; i++) this.remember(byteAt(text, i));
    for (let i: int = weightsAt; i < hashAt; i++) state[i] = weights[from + i - weightsAt]!;
  }
}

export class TextReader {
  private readonly model: TextModel;
  private source: bytes = newBytes(0);
  /** The next byte; past `end` they are zeros. */
  at: int = 0;
  private end: int = 0;
  private low: float = 0;
  private high: float = 4294967295;
  private code: float = 0;

  constructor(model: TextModel) {
    this.model = model;
  }

  start(source: bytes, at: int, end: int): void {
    this.source = source;
    this.at = at;
    this.end = end;
    this.low = 0;
    this.high = 4294967295;
    this.code = 0;
    for (let i: int = 0; i < 4; i++) this.code = this.code * byteSize + this.next();
  }

  private next(): float {
    const byte: int = this.at < this.end ? byteAt(this.source, this.at) : 0;
    this.at++;
    return toFloat(byte);
  }

  read(out: ints, count: int): void {
    const model = this.model;
    for (let i: int = 0; i < count; i++) {
      let byte: int = 0;
      for (let k: int = 0; k < 8; k++) {
        const middle = cut(this.low, this.high, model.predict());
        const bit: int = this.code <= middle ? 1 : 0;
        if (bit === 1) this.high = middle;
        else this.low = middle + 1;
        model.learn(bit);
        byte = byte * 2 + bit;
        for (;;) {
          const top = Math.floor(this.low / topByte);
          if (top !== Math.floor(this.high / topByte)) break;
          this.low = (this.low - top * topByte) * byteSize;
          this.high = (this.high - top * topByte) * byteSize + 255;
          this.code = (this.code - top * topByte) * byteSize + this.next();
        }
      }
      out[i] = byte;
    }
  }
}
