/**
 * Coder 1: canonical Huffman codes (Huffman, 1952), at most 20 bits long. The table of code lengths costs little: one symbol or equal
 * lengths take a few bits, otherwise each length is coded as its difference from the one before, and the table ends by itself where
 * the code is complete (Kraft's equality), so an incomplete or overfull code cannot be written down.
 */
import type { BitReader, BitWriter } from './bits.js';
import { codeLengths } from './code-lengths.js';
import { type SymbolCoder, type Symbols, widthOf } from './coder.js';

const longest = 20;
const lengthBits = 5;
const whole = 2 ** longest;
/** Forms of the table, in two bits. */
const single = 0;
const flat = 1;
const list = 2;

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

function readTable(from: BitReader, alphabet: number): Code {
  const form = from.read(2);
  if (form === single) {
    const only = from.read(widthOf(alphabet));
    if (only >= alphabet) from.refuse(`a symbol below ${alphabet}`, String(only));
    return { only, lengths: new Uint8Array(0) };
  }
  if (form === flat) {
    const length = from.read(lengthBits);
    if (length === 0 || 2 ** length > alphabet) from.refuse(`at most ${alphabet} codes of equal length`, `2^${length}`);
    return { only: -1, lengths: new Uint8Array(2 ** length).fill(length) };
  }
  if (form !== list) from.refuse('a form of table that exists', String(form));
  const lengths: number[] = [];
  let before = from.read(lengthBits);
  for (let kraft = 0; kraft < whole; ) {
    if (lengths.length >= alphabet) from.refuse('a complete code (Kraft equality)', 'one with room left');
    // 0, 10, 110, 1110, 1111
    let ones = 0;
    while (ones < 4 && from.read(1) === 1) ones++;
    if (ones === 1) before++;
    else if (ones === 2) before--;
    else if (ones === 4) before = from.read(lengthBits);
    else if (ones === 3) {
      const run = from.gamma();
      if (lengths.length + run >= alphabet) from.refuse(`fewer than ${alphabet - lengths.length} unused symbols`, String(run));
      for (let i = 0; i < run; i++) lengths.push(0);
      continue;
    }
    if (before < 1 || before > longest) from.refuse(`a code length in 1 … ${longest}`, String(before));
    kraft += 2 ** (longest - before);
    if (kraft > whole) from.refuse('a complete code (Kraft equality)', 'an overfull one');
    lengths.push(before);
  }
  return { only: -1, lengths: Uint8Array.from(lengths) };
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

/** Codes up to this length are found in one step. */
const quickBits = 10;

function decoder(lengths: Uint8Array): (from: BitReader) => number {
  const { order, perLength } = canonical(lengths);
  const most = perLength.findLastIndex((n) => n > 0);
  const bits = Math.min(quickBits, most);
  const quick = new Uint32Array(2 ** bits);
  // first[l]: the first code of length l; base[l]: where its symbol stands in the order
  const first = new Uint32Array(longest + 1);
  const base = new Uint32Array(longest + 1);
  for (let l = 1, code = 0, i = 0; l <= most; l++, code *= 2) {
    first[l] = code;
    base[l] = i;
    if (l <= bits)
      for (let k = 0; k < perLength[l]!; k++) quick.fill(order[i + k]! * 32 + l, (code + k) << (bits - l), (code + k + 1) << (bits - l));
    code += perLength[l]!;
    i += perLength[l]!;
  }
  return (from) => {
    const window = from.peek(longest);
    const hit = quick[window >>> (longest - bits)]!;
    if (hit > 0) {
      from.skip(hit & 31);
      return hit >>> 5;
    }
    for (let l = bits + 1; ; l++) {
      const rank = (window >>> (longest - l)) - first[l]!;
      if (rank < perLength[l]!) {
        from.skip(l);
        return order[base[l]! + rank]!;
      }
    }
  };
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
    const start = from.position;
    const { only, lengths } = readTable(from, alphabet);
    const tableBits = from.position - start;
    if (only < 0) from.need(count * lengths.reduce((least, l) => (l > 0 && l < least ? l : least), longest));
    return {
      tableBits,
      read(into, offset = 0, stride = 1) {
        if (only >= 0) {
          for (let i = 0, at = offset; i < count; i++, at += stride) into[at] = only;
          return 0;
        }
        const before = from.position;
        const next = decoder(lengths);
        for (let i = 0, at = offset; i < count; i++, at += stride) into[at] = next(from);
        return from.position - before;
      },
    };
  },
};
