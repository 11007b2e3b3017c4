/**
 * Stands in for src/codec/range.ts: the same range coder, both directions in one class, over a window of bytes that the host fills when
 * it is empty and empties when it is full.
 */
declare function refill(): i32;
declare function drain(count: i32): void;

export const windowLength: i32 = 65536;
const least: u32 = 1 << 24;

export class BinaryCoder {
  readonly window: StaticArray<u8> = new StaticArray<u8>(windowLength);
  private decoding: bool = false;
  range: u32 = 0xffffffff;
  /** Bytes by which the range was renewed. */
  shifted: f64 = 0;
  private at: i32 = 0;
  /** Of a decoder. */
  private code: u32 = 0;
  private end: i32 = 0;
  /** Of an encoder. */
  private low: u64 = 0;
  private cache: i32 = -1;
  private full: i32 = 0;

  decode(): void {
    this.decoding = true;
    for (let i = 0; i < 4; i++) this.code = (this.code << 8) | this.next();
  }

  @inline
  bit(bit: i32, chance: i32): i32 {
    const range = this.range;
    const bound = <u32>((<u64>range * <u64>chance) >> 16);
    let rest: u32;
    if (this.decoding) {
      const code = this.code;
      const one = code < bound;
      bit = <i32>one;
      rest = select(bound, range - bound, one);
      let left = select(code, code - bound, one);
      while (rest < least) {
        left = (left << 8) | this.next();
        rest <<= 8;
        this.shifted++;
      }
      this.code = left;
    } else {
      const one = bit === 1;
      rest = select(bound, range - bound, one);
      this.low += select<u64>(0, bound, one);
      while (rest < least) {
        this.shift();
        rest <<= 8;
        this.shifted++;
      }
    }
    this.range = rest;
    return bit;
  }

  raw(value: i32, width: i32): i32 {
    let rest = this.range >> width;
    if (this.decoding) {
      const most: u32 = (1 << width) - 1;
      const found = this.code / rest;
      value = <i32>(found < most ? found : most);
      this.code -= <u32>value * rest;
    } else this.low += <u64>rest * <u64>(<u32>value);
    while (rest < least) {
      if (this.decoding) this.code = (this.code << 8) | this.next();
      else this.shift();
      rest <<= 8;
      this.shifted++;
    }
    this.range = rest;
    return value;
  }

  /** Bytes of the window that were not looked at. */
  unread(): i32 {
    return this.end - this.at;
  }

  private next(): u32 {
    if (this.at === this.end) {
      this.end = refill();
      this.at = 0;
    }
    return <u32>this.window[this.at++];
  }

  private shift(): void {
    const top = <i32>(this.low >> 24);
    if (top === 255 && this.cache >= 0) this.full++;
    else {
      this.settle(top >> 8);
      this.cache = top & 255;
    }
    this.low = (this.low & 0xffffff) << 8;
  }

  private put(byte: i32): void {
    this.window[this.at++] = <u8>byte;
    if (this.at === windowLength) {
      drain(windowLength);
      this.at = 0;
    }
  }

  private settle(carry: i32): void {
    if (this.cache >= 0) this.put(this.cache + carry);
    for (; this.full > 0; this.full--) this.put(255 + carry);
  }

  finish(): void {
    let keep = 0;
    let value: u64 = 0;
    for (; ; keep++) {
      const unit: u64 = (<u64>1) << (32 - 8 * keep);
      value = (this.low + unit - 1) & ~(unit - 1);
      if (value < this.low + this.range) break;
    }
    this.low = value;
    for (; keep > 0; keep--) this.shift();
    this.settle(<i32>(this.low >> 32));
    drain(this.at);
  }
}
