/**
 * Coder 1: canonical Huffman codes (Huffman, 1952), at most 20 bits long. The table of code lengths costs little: one symbol or equal
 * lengths take a few bits, otherwise each length is coded as its difference from the one before, and the table ends by itself where
 * the code is complete (Kraft's equality), so an incomplete or overfull code cannot be written down.
 */
import type { BitReader, BitWriter } from './bits.js';
import { codeLengths } from './code-lengths.js';
import { type SymbolCoder, type Symbols, widthOf } from './coder.js';
import { tooFew, tooLong } from './engine/bits.js';
import { flat, lengthBits, list, longest, noForm, noLength, noSymbol, overfull, single } from './engine/huffman-codes.js';

interface Code {
  /** The only symbol, which takes no bits; or −1. */
  readonly only: number;
  /** Code length of each symbol up to the last one used. */
  readonly lengths: Uint8Array;
}

function codeOf(symbols: Symbols): Code {
  let last = 0;
  for (let i = 0; i < symbols.length; i++) last = Math.max(last, symbols[i]!);
  const counts = new Uint32Array(last + 1);
  for (let i = 0; i < symbols.length; i++) counts[symbols[i]!]!++;
  if (counts[last] === symbols.length) return { only: last, lengths: new Uint8Array(0) };
  return { only: -1, lengths: codeLengths(counts, longest) };
}

const isFlat = (lengths: Uint8Array): boolean => lengths.length === 2 ** lengths[0]! && lengths.every((l) => l === lengths[0]);

function writeTable({ only, lengths }: Code, alphabet: number, out: BitWriter): void {
  if (only >= 0) {
    out.write(single, 2);
    out.write(only, widthOf(alphabet));
    return;
  }
  if (isFlat(lengths)) {
    out.write(flat, 2);
    out.write(lengths[0]!, lengthBits);
    return;
  }
  out.write(list, 2);
  let before = lengths.find((l) => l > 0)!;
  out.write(before, lengthBits);
  for (let s = 0; s < lengths.length; s++) {
    const length = lengths[s]!;
    if (length === 0) {
      let run = 1;
      while (lengths[s + run] === 0) run++;
      out.write(0b1110, 4);
      out.gamma(run);
      s += run - 1;
      continue;
    }
    if (length === before) out.write(0, 1);
    else if (length === before + 1) out.write(0b10, 2);
    else if (length === before - 1) out.write(0b110, 3);
    else {
      out.write(0b1111, 4);
      out.write(length, lengthBits);
    }
    before = length;
  }
}

/** Throws for what is wrong with a table. */
function checkTable(wrong: number, from: BitReader, alphabet: number): void {
  if (wrong === 0) return;
  if (wrong === tooFew) from.truncated(1);
  if (wrong === tooLong) from.refuse('a number of at most 21 bits', 'a longer one');
  if (wrong === noForm) from.refuse('a form of table that exists', 'another');
  if (wrong === noLength) from.refuse(`a code length in 1 … ${longest}`, 'another');
  if (wrong === noSymbol) from.refuse(`symbols below ${alphabet}`, 'one that is not');
  from.refuse('a complete code (Kraft equality)', wrong === overfull ? 'an overfull one' : 'one with room left');
}

/** Canonical order: shorter codes first, among equals the smaller symbol first; codes count upwards. */
interface Canonical {
  /** Symbols in canonical order. */
  readonly order: Uint32Array;
  /** How many codes have each length. */
  readonly perLength: Uint32Array;
}

function canonical(lengths: Uint8Array): Canonical {
  const perLength = new Uint32Array(longest + 1);
  for (let s = 0; s < lengths.length; s++) perLength[lengths[s]!]!++;
  perLength[0] = 0;
  const next = new Uint32Array(longest + 1);
  for (let l = 1; l < longest; l++) next[l + 1] = next[l]! + perLength[l]!;
  const order = new Uint32Array(next[longest]! + perLength[longest]!);
  for (let s = 0; s < lengths.length; s++) if (lengths[s]! > 0) order[next[lengths[s]!]!++] = s;
  return { order, perLength };
}

function codewords(lengths: Uint8Array): Uint32Array {
  const { order, perLength } = canonical(lengths);
  const codes = new Uint32Array(lengths.length);
  for (let l = 1, code = 0, i = 0; l <= longest; l++, code *= 2) for (let k = 0; k < perLength[l]!; k++) codes[order[i++]!] = code++;
  return codes;
}

export const huffman: SymbolCoder = {
  id: 1,
  name: 'huffman',

  encode(symbols, alphabet, out) {
    if (symbols.length === 0) return { table: 0, data: 0 };
    const start = out.length;
    const code = codeOf(symbols);
    writeTable(code, alphabet, out);
    const table = out.length - start;
    if (code.only < 0) {
      const codes = codewords(code.lengths);
      for (let i = 0; i < symbols.length; i++) out.write(codes[symbols[i]!]!, code.lengths[symbols[i]!]!);
    }
    return { table, data: out.length - start - table };
  },

  open(from, count, alphabet) {
    if (count === 0) return { tableBits: 0, read: () => 0 };
    const { engine } = from;
    const start = from.position;
    checkTable(engine.huffmanTable(alphabet), from, alphabet);
    const tableBits = from.position - start;
    from.need(count * engine.huffmanLeast());
    return {
      tableBits,
      read(into, offset = 0, stride = 1) {
        const before = from.position;
        from.into(into, offset, stride, count, (now) => engine.huffmanRead(now));
        return from.position - before;
      },
    };
  },
};
