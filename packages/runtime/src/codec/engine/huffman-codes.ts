/** Canonical prefix codes of at most 20 bits as they are read: the table, then one symbol after the other. */
import { byteAt, type int, type ints, newInts, roomFor } from '../mix/ints.js';
import { type Bits, tooFew, tooLong } from './bits.js';

export const longest: int = 20;
export const lengthBits: int = 5;
/** Forms of the table, in two bits. */
export const single: int = 0;
export const flat: int = 1;
export const list: int = 2;
/** Codes up to this length are found in one step. */
const quickBits: int = 10;
const whole: int = 1 << longest;

/** What may be wrong with a table, beside `tooFew`. */
export const noSymbol: int = -3;
export const noForm: int = -4;
const incomplete: int = -5;
export const overfull: int = -6;
export const noLength: int = -7;

/** Bits of a fixed-width number below `alphabet`. */
function widthOf(alphabet: int): int {
  let width: int = 0;
  while (width < 16 && 1 << width < alphabet) width++;
  return width;
}

export class HuffmanCodes {
  /** Code length of each symbol, 0 for one that is not used; how many they are. */
  private lengths: ints = newInts(1);
  private count: int = 0;
  /** Symbols in canonical order: shorter codes first, among equals the smaller symbol first. */
  private order: ints = newInts(1);
  /** How many codes have each length, the first of them, and where its symbol stands in the order. */
  private readonly perLength: ints = newInts(longest + 2);
  private readonly first: ints = newInts(longest + 2);
  private readonly base: ints = newInts(longest + 2);
  private readonly quick: ints = newInts(1 << quickBits);
  private bits: int = 0;
  /** The only symbol, which takes no bits; or −1. */
  only: int = -1;
  /** The length of the shortest code. */
  least: int = 0;

  /** Gives 0, or what is wrong. */
  table(from: Bits, alphabet: int): int {
    if (this.lengths.length < alphabet) {
      this.lengths = newInts(roomFor(alphabet));
      this.order = newInts(roomFor(alphabet));
    }
    const form = from.take(2);
    this.only = -1;
    this.least = 0;
    if (form === single) {
      this.only = from.take(widthOf(alphabet));
      return this.only === tooFew ? tooFew : this.only >= alphabet ? noSymbol : 0;
    }
    if (form === flat) {
      const length = from.take(lengthBits);
      if (length === tooFew) return tooFew;
      if (length === 0 || length > 16 || 1 << length > alphabet) return noSymbol;
      this.count = 1 << length;
      for (let s: int = 0; s < this.count; s++) this.lengths[s] = length;
    } else {
      const wrong = form === list ? this.list(from, alphabet) : form === tooFew ? tooFew : noForm;
      if (wrong < 0) return wrong;
    }
    this.arrange();
    return 0;
  }

  private list(from: Bits, alphabet: int): int {
    const lengths = this.lengths;
    let count: int = 0;
    let kraft: int = 0;
    let before = from.take(lengthBits);
    if (before === tooFew) return tooFew;
    while (kraft < whole) {
      if (count >= alphabet) return incomplete;
      // 0, 10, 110, 1110, 1111
      let ones: int = 0;
      while (ones < 4) {
        const bit = from.take(1);
        if (bit === tooFew) return tooFew;
        if (bit === 0) break;
        ones++;
      }
      if (ones === 1) before++;
      else if (ones === 2) before--;
      else if (ones === 4) {
        before = from.take(lengthBits);
        if (before === tooFew) return tooFew;
      } else if (ones === 3) {
        const run = from.gamma();
        if (run === tooFew || run === tooLong) return run;
        if (count + run >= alphabet) return noSymbol;
        for (let i: int = 0; i < run; i++) lengths[count + i] = 0;
        count += run;
        continue;
      }
      if (before < 1 || before > longest) return noLength;
      kraft += 1 << (longest - before);
      if (kraft > whole) return overfull;
      lengths[count] = before;
      count++;
    }
    this.count = count;
    return 0;
  }

  private arrange(): void {
    const lengths = this.lengths;
    const order = this.order;
    const perLength = this.perLength;
    const first = this.first;
    const base = this.base;
    perLength.fill(0);
    for (let s: int = 0; s < this.count; s++) perLength[lengths[s]!] = perLength[lengths[s]!]! + 1;
    perLength[0] = 0;
    let most: int = 0;
    let code: int = 0;
    let at: int = 0;
    this.least = 0;
    for (let l: int = 1; l <= longest; l++) {
      first[l] = code;
      base[l] = at;
      const here = perLength[l]!;
      if (here > 0) {
        most = l;
        if (this.least === 0) this.least = l;
      }
      at += here;
      code = (code + here) << 1;
    }
    for (let s: int = 0; s < this.count; s++) {
      const length = lengths[s]!;
      if (length === 0) continue;
      order[base[length]!] = s;
      base[length] = base[length]! + 1;
    }
    for (let l: int = 1; l <= longest; l++) base[l] = base[l]! - perLength[l]!;
    const bits = most < quickBits ? most : quickBits;
    this.bits = bits;
    const quick = this.quick;
    quick.fill(0);
    for (let l: int = 1; l <= bits; l++)
      for (let k: int = 0; k < perLength[l]!; k++) {
        const entry = (order[base[l]! + k]! << 5) | l;
        const from = (first[l]! + k) << (bits - l);
        const to = from + (1 << (bits - l));
        for (let i = from; i < to; i++) quick[i] = entry;
      }
  }

  /** The next `count` symbols, as far as they are there: how many they are. */
  read(from: Bits, out: ints, count: int): int {
    if (this.only >= 0) {
      for (let i: int = 0; i < count; i++) out[i] = this.only;
      return count;
    }
    const quick = this.quick;
    const perLength = this.perLength;
    const bits = this.bits;
    const quickShift = 32 - bits;
    const source = from.source;
    const end = from.end;
    let at = from.at;
    let have = from.have;
    // at the upper end of the word, where the next code is one shift away
    let pending = have > 0 ? from.pending << (32 - have) : 0;
    let done: int = 0;
    for (; done < count; done++) {
      while (have <= 24 && at < end) {
        pending |= byteAt(source, at) << (24 - have);
        at++;
        have += 8;
      }
      const hit = quick[pending >>> quickShift]!;
      let length = hit & 31;
      let symbol = hit >>> 5;
      if (hit === 0) {
        length = bits + 1;
        let rank = (pending >>> (32 - length)) - this.first[length]!;
        while (rank >= perLength[length]!) {
          length++;
          rank = (pending >>> (32 - length)) - this.first[length]!;
        }
        symbol = this.order[this.base[length]! + rank]!;
      }
      if (length > have) break;
      have -= length;
      pending <<= length;
      out[done] = symbol;
    }
    from.at = at;
    from.pending = have > 0 ? pending >>> (32 - have) : 0;
    from.have = have;
    return done;
  }
}
