/**
 * Indices into a codebook, from the top bit down: each bit under the bits before it and the symbols that were kept before it in the row
 * and above it. Entries that a mask has taken away are passed over.
 */
import type { BinaryCoder } from '../range.js';
import { type int, type ints, newInts, roomFor } from './ints.js';
import { Mixer } from './mixer.js';
import { shared, slotOf } from './slots.js';

export class SymbolModel {
  private readonly mixer: Mixer;
  /** The symbol + 1 last kept in each column. */
  private above: ints = newInts(1);
  private width: int = 0;
  private at: int = 0;
  private bits: int = 0;
  private before: int = 0;

  constructor(coder: BinaryCoder) {
    this.mixer = new Mixer(coder, 4 * shared, 17, 255, 17);
  }

  /** Begins a matrix of symbols of `bits` bits. */
  start(columns: int, positions: int, bits: int): void {
    this.width = columns * positions;
    if (this.above.length < this.width) this.above = newInts(roomFor(this.width));
    else this.above.fill(0, 0, this.width);
    this.at = 0;
    this.bits = bits;
    this.before = 0;
  }

  /** Codes the next entries of the matrix; −1 stands, on both sides, where there is none. */
  code(symbols: ints, count: int): void {
    const above = this.above;
    for (let i: int = 0; i < count; i++) {
      const here = this.at;
      if (symbols[i]! >= 0) {
        const symbol = this.symbol(symbols[i]!, above[here]!);
        symbols[i] = symbol;
        above[here] = symbol + 1;
        this.before = symbol + 1;
      }
      this.at = this.at + 1 < this.width ? this.at + 1 : 0;
    }
  }

  private symbol(symbol: int, up: int): int {
    const mixer = this.mixer;
    const bits = this.bits;
    const coarse = bits > 4 ? bits - 4 : 0;
    let node: int = 1;
    for (let i: int = bits - 1; i >= 0; i--) {
      const bit = mixer.bit(
        (symbol >> i) & 1,
        bits - i,
        slotOf(0, 0, node),
        slotOf(1, this.before, node),
        slotOf(2, up, node),
        slotOf(3, ((this.before >> coarse) << 5) + (up >> coarse), node),
      );
      node = 2 * node + bit;
    }
    return node - (1 << bits);
  }
}
