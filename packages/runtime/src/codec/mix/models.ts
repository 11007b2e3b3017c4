/**
 * All models of a section over one coder. A section is a sequence of numbers and arrays; `start` begins an array of one kind and `code`
 * goes on with it, both in the same way whether the coder encodes or decodes. A model is made when it is first met: a small section takes
 * little memory.
 */
import type { BinaryCoder } from '../range.js';
import { Floats } from './floats.js';
import type { int, ints } from './ints.js';
import { ofFloats, ofLevels, ofMask, ofScarce, ofSymbols } from './kinds.js';
import { Levels } from './levels.js';
import { Mask } from './mask.js';
import { Numbers } from './numbers.js';
import { Octets } from './octets.js';
import { Scarce } from './scarce.js';
import { Surroundings } from './surroundings.js';
import { SymbolModel } from './symbols.js';

export class Models {
  private readonly coder: BinaryCoder;
  private readonly around: Surroundings = new Surroundings();
  private readonly numbers: Numbers;
  private levels: Levels | null = null;
  private mask: Mask | null = null;
  private symbols: SymbolModel | null = null;
  private floats: Floats | null = null;
  private octets: Octets | null = null;
  private scarce: Scarce | null = null;
  private kind: int = 0;

  constructor(coder: BinaryCoder) {
    this.coder = coder;
    this.numbers = new Numbers(coder);
  }

  number(value: int, slot: int): int {
    return this.numbers.code(value, slot);
  }

  /** Begins an array; what a, b and c mean is said where the models are. */
  start(kind: int, a: int, b: int, c: int): void {
    this.kind = kind;
    if (kind === ofLevels) {
      if (this.levels === null) this.levels = new Levels(this.coder, this.around);
      this.levels!.start(a, b, c);
    } else if (kind === ofMask) {
      if (this.mask === null) this.mask = new Mask(this.coder, this.around);
      this.mask!.start(a, b);
    } else if (kind === ofSymbols) {
      if (this.symbols === null) this.symbols = new SymbolModel(this.coder);
      this.symbols!.start(a, b, c);
    } else if (kind === ofFloats) {
      if (this.floats === null) this.floats = new Floats(this.coder);
      this.floats!.start(a, b, c);
    } else if (kind === ofScarce) {
      if (this.scarce === null) this.scarce = new Scarce(this.coder);
      this.scarce!.start(a, b, c);
    } else {
      if (this.octets === null) this.octets = new Octets(this.coder);
      this.octets!.start(a, b);
    }
  }

  /** Codes the next `count` entries of the array, in place. */
  code(entries: ints, count: int): void {
    if (this.kind === ofLevels) this.levels!.code(entries, count);
    else if (this.kind === ofMask) this.mask!.code(entries, count);
    else if (this.kind === ofSymbols) this.symbols!.code(entries, count);
    else if (this.kind === ofFloats) this.floats!.code(entries, count);
    else if (this.kind === ofScarce) this.scarce!.code(entries, count);
    else this.octets!.code(entries, count);
  }
}
