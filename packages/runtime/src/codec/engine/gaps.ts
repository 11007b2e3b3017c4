/** Positions from gaps, and the values that stand there, without those of the fillers: see relative.ts. */
import { type float, type int, type ints, toFloat, toInt } from '../mix/ints.js';

export const outside: int = -1;
export const shortFiller: int = -2;
export const minusZero: int = -3;

export class Gaps {
  private next: float = 0;
  /** 1 where the last entry was a filler. */
  filler: int = 0;

  start(): void {
    this.next = 0;
    this.filler = 0;
  }

  /**
   * The next entries, in place; how many of them are kept, or what is wrong. A value of 0 is a filler. `less` is subtracted from the values
   * of the others; where it is 0 they are bits of floats, of which −0 is refused.
   */
  expand(gaps: ints, values: ints, count: int, greatest: int, size: float, less: int): int {
    let next = this.next;
    let kept: int = 0;
    for (let i: int = 0; i < count; i++) {
      const gap = gaps[i]!;
      const value = values[i]!;
      const position = next + toFloat(gap);
      if (position >= size) return outside;
      next = position + 1;
      if (value === 0) {
        if (gap !== greatest) return shortFiller;
        this.filler = 1;
        continue;
      }
      if (less === 0 && value << 1 === 0) return minusZero;
      this.filler = 0;
      gaps[kept] = toInt(position);
      values[kept] = value - less;
      kept++;
    }
    this.next = next;
    return kept;
  }
}
