/** Bits of a run of bytes, most significant first, as they are taken one field after the other. */
import { byteAt, type bytes, type int, newBytes } from '../mix/ints.js';

/** Of a field that is longer than what is left, and of a number that has more digits than any may have. */
export const tooFew: int = -1;
export const tooLong: int = -2;
/** Bits of a number in Elias' gamma code, at most. */
const mostGamma: int = 20;

export class Bits {
  source: bytes = newBytes(0);
  /** The next byte, behind those of which bits are held. */
  at: int = 0;
  end: int = 0;
  /** The bits that are held, in the lower end, and how many they are. */
  pending: int = 0;
  have: int = 0;

  open(source: bytes, at: int, end: int): void {
    this.source = source;
    this.at = at;
    this.end = end;
    this.pending = 0;
    this.have = 0;
  }

  /** The next `width` bits, at most 24; zeros past the end. */
  peek(width: int): int {
    while (this.have <= 24 && this.at < this.end) {
      this.pending = (this.pending << 8) | byteAt(this.source, this.at);
      this.at++;
      this.have += 8;
    }
    const mask = (1 << width) - 1;
    return this.have >= width ? (this.pending >>> (this.have - width)) & mask : (this.pending << (width - this.have)) & mask;
  }

  /** Drops bits that were peeked at and are there. */
  drop(width: int): void {
    this.have -= width;
    // a shift by 32 is a shift by 0: at 32 bits held nothing needs masking
    if (this.have < 32) this.pending &= (1 << this.have) - 1;
  }

  /** `tooFew` where so many are not left. */
  take(width: int): int {
    const value = this.peek(width);
    if (width > this.have) return tooFew;
    this.drop(width);
    return value;
  }

  /** `tooFew` or `tooLong` where there is none. */
  gamma(): int {
    let more: int = 0;
    for (;;) {
      const bit = this.take(1);
      if (bit === tooFew) return tooFew;
      if (bit === 1) break;
      more++;
      if (more > mostGamma) return tooLong;
    }
    const rest = this.take(more);
    return rest === tooFew ? tooFew : (1 << more) + rest;
  }
}
