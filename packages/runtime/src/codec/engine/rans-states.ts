/**
 * The inner loop of rANS: four states that take turns, each a number from 2^16 to 2^32 held in 32 bits. What a state shows in its low bits
 * is a slot; the slot knows its symbol, the frequency of that symbol and its own number among the symbol's slots.
 */
import { byteAt, type bytes, type int, type ints, newInts, product } from '../mix/ints.js';

export const mostScale: int = 16;
export const turns: int = 4;
/** A state begins and ends here. */
export const start: int = 65536;

export class States {
  /** Of each slot: the frequency of its symbol; the symbol, 65536 times, plus the slot's number among those of the symbol. */
  readonly frequencies: ints = newInts(1 << mostScale);
  readonly symbols: ints = newInts(1 << mostScale);
  readonly states: ints = newInts(turns);

  /** Gives a symbol its slots, from the first that is free on; the next free one. */
  spread(symbol: int, frequency: int, slot: int): int {
    for (let i: int = 0; i < frequency; i++) {
      this.frequencies[slot + i] = frequency;
      this.symbols[slot + i] = (symbol << 16) | i;
    }
    return slot + frequency;
  }

  /** Takes the four states from where they stand, low byte first. */
  begin(source: bytes, from: int): void {
    for (let i: int = 0; i < turns; i++) {
      const at = from + 4 * i;
      this.states[i] = byteAt(source, at) | (byteAt(source, at + 1) << 8) | (byteAt(source, at + 2) << 16) | (byteAt(source, at + 3) << 24);
    }
  }

  ended(): int {
    for (let i: int = 0; i < turns; i++) if (this.states[i]! !== start) return 0;
    return 1;
  }

  /** Decodes the next `count` symbols, a multiple of four unless they are the last; gives where its words end: past `end` they are zeros. */
  decode(source: bytes, from: int, end: int, out: ints, count: int, scale: int): int {
    const frequencies = this.frequencies;
    const symbols = this.symbols;
    const states = this.states;
    const mask = (1 << scale) - 1;
    let a = states[0]!;
    let b = states[1]!;
    let c = states[2]!;
    let d = states[3]!;
    let at = from;
    for (let i: int = 0; i < count; i++) {
      const slot = a & mask;
      const symbol = symbols[slot]!;
      out[i] = symbol >>> 16;
      let next = (product(frequencies[slot]!, a >>> scale) + (symbol & 65535)) | 0;
      if (next >>> 16 === 0) {
        next = (next << 16) | (at + 1 < end ? byteAt(source, at) | (byteAt(source, at + 1) << 8) : 0);
        at += 2;
      }
      a = b;
      b = c;
      c = d;
      d = next;
    }
    states[0] = a;
    states[1] = b;
    states[2] = c;
    states[3] = d;
    return at;
  }
}
