/**
 * The inner loop of rANS: four states that take turns, each a number from 2^16 to 2^32 held in 32 bits. What a state shows in its low bits
 * is a slot; the slot knows its symbol, the frequency of that symbol and its own number among the symbol's slots.
 */
import { type int, type ints, newInts } from '../mix/ints.js';

export const mostScale: int = 16;
export const turns: int = 4;

export class States {
  /** Of each slot: the frequency of its symbol; the symbol, 65536 times, plus the slot's number among those of the symbol. */
  readonly frequencies: ints = newInts(1 << mostScale);
  readonly symbols: ints = newInts(1 << mostScale);
  readonly states: ints = newInts(turns);

  /** Decodes the next `count` symbols, a multiple of four unless they are the last; gives how many of `words` it took. */
  decode(words: ints, out: ints, count: int, scale: int): int {
    const frequencies = this.frequencies;
    const symbols = this.symbols;
    const states = this.states;
    const mask = (1 << scale) - 1;
    let a = states[0]!;
    let b = states[1]!;
    let c = states[2]!;
    let d = states[3]!;
    let at: int = 0;
    for (let i: int = 0; i < count; i++) {
      const slot = a & mask;
      const symbol = symbols[slot]!;
      out[i] = symbol >>> 16;
      let next = (frequencies[slot]! * (a >>> scale) + (symbol & 65535)) | 0;
      if (next >>> 16 === 0) {
        next = (next << 16) | words[at]!;
        at++;
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
