/**
 * Coder 2: asymmetric numeral systems with ranges (Duda, 2013), four states that take turns, over frequencies that do not change: nearly
 * the entropy of the symbols by themselves, at the speed of a table. The table of frequencies is a short stream of the mix coder.
 */
import type { BitReader } from './bits.js';
import { type SymbolCoder, type SymbolSource, type Symbols, widthOf } from './coder.js';
import { mostScale, start, turns } from './engine/rans-states.js';
import { numberKernels } from './mix/kernel.js';
import { mixDecoder, mixEncoder } from './mix.js';

/** Slots of numbers in the table; a frequency is in the slot of how many bits the one before has. */
const scaleSlot = 20;
const wordsSlot = 21;
const lastSlot = 22;
const runSlot = 23;

interface Table {
  /** The frequencies add up to 2^scale. */
  readonly scale: number;
  /** Of each symbol up to the last one used. */
  readonly frequencies: Uint32Array;
}

/** More slots where there are more symbols to tell apart, and more of them to pay for it. */
function scaleOf(used: number, count: number): number {
  return Math.min(mostScale, Math.max(widthOf(used), Math.min(widthOf(used) + 5, widthOf(count) + 1)));
}

function tableOf(symbols: Symbols): Table {
  let last = 0;
  for (let i = 0; i < symbols.length; i++) last = Math.max(last, symbols[i]!);
  const counts = new Uint32Array(last + 1);
  for (let i = 0; i < symbols.length; i++) counts[symbols[i]!]!++;
  const used = counts.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  const scale = scaleOf(used, symbols.length);
  const whole = 2 ** scale;
  const exact = Float64Array.from(counts, (n) => (n * whole) / symbols.length);
  const frequencies = Uint32Array.from(exact, (f) => (f > 0 ? Math.max(1, Math.floor(f)) : 0));
  // what is left over goes to those that lost most by rounding; what is too much is taken from the most frequent
  let over = frequencies.reduce((sum, f) => sum + f, 0) - whole;
  const order = Array.from(counts.keys()).filter((s) => counts[s]! > 0);
  order.sort(
    over < 0 ? (a, b) => exact[b]! - frequencies[b]! - (exact[a]! - frequencies[a]!) || a - b : (a, b) => counts[b]! - counts[a]! || a - b,
  );
  for (let i = 0; over !== 0; i = (i + 1) % order.length) {
    const symbol = order[i]!;
    if (over > 0 && frequencies[symbol]! === 1) continue;
    const step = over > 0 ? Math.min(over, Math.ceil(frequencies[symbol]! / 8), frequencies[symbol]! - 1) : -1;
    frequencies[symbol]! -= step;
    over -= step;
  }
  return { scale, frequencies };
}

function writeTable({ scale, frequencies }: Table, words: number): Uint8Array {
  const to = mixEncoder(numberKernels);
  to.number(scale, scaleSlot);
  to.number(words, wordsSlot);
  to.number(frequencies.length - 1, lastSlot);
  for (let s = 0, before = 0; s < frequencies.length; s++) {
    const frequency = frequencies[s]!;
    to.number(frequency, before);
    before = widthOf(frequency + 1);
    if (frequency > 0) continue;
    let run = 1;
    while (frequencies[s + run] === 0) run++;
    to.number(run - 1, runSlot);
    s += run - 1;
  }
  return to.finish();
}

interface TableRead extends Table {
  readonly words: number;
}

function readTable(bytes: Uint8Array, alphabet: number, from: BitReader): TableRead {
  const mix = mixDecoder(bytes, numberKernels);
  const scale = mix.number(scaleSlot);
  if (scale > mostScale) from.refuse(`frequencies of at most ${mostScale} bits`, String(scale));
  const words = mix.number(wordsSlot);
  const last = mix.number(lastSlot);
  if (last >= alphabet) from.refuse(`a symbol below ${alphabet}`, String(last));
  const frequencies = new Uint32Array(last + 1);
  let left = 2 ** scale;
  for (let s = 0, before = 0; s <= last; s++) {
    const frequency = mix.number(before);
    if (frequency > left) from.refuse(`frequencies that add up to ${2 ** scale}`, 'more');
    left -= frequency;
    frequencies[s] = frequency;
    before = widthOf(frequency + 1);
    if (frequency === 0) s += mix.number(runSlot);
  }
  if (left > 0) from.refuse(`frequencies that add up to ${2 ** scale}`, String(2 ** scale - left));
  mix.end();
  return { scale, frequencies, words };
}

/** The words, each of 16 bits: the four states, low half first, then what renews them as they are decoded. */
function encodeWords(symbols: Symbols, { scale, frequencies }: Table): Uint16Array {
  const starts = new Uint32Array(frequencies.length);
  for (let s = 1; s < starts.length; s++) starts[s] = starts[s - 1]! + frequencies[s - 1]!;
  const words = new Uint16Array(symbols.length + 2 * turns);
  const states = new Float64Array(turns).fill(start);
  const most = 2 ** (32 - scale);
  let at = words.length;
  for (let i = symbols.length - 1; i >= 0; i--) {
    const symbol = symbols[i]!;
    const frequency = frequencies[symbol]!;
    let state = states[i % turns]!;
    if (state >= frequency * most) {
      words[--at] = state % 65536;
      state = Math.floor(state / 65536);
    }
    const times = Math.floor(state / frequency);
    states[i % turns] = times * 2 ** scale + (state - times * frequency) + starts[symbol]!;
  }
  for (let i = turns - 1; i >= 0; i--) {
    words[--at] = Math.floor(states[i]! / 65536);
    words[--at] = states[i]! % 65536;
  }
  return words.subarray(at);
}

export const rans: SymbolCoder = {
  id: 2,
  name: 'rans',

  encode(symbols, _, out) {
    if (symbols.length === 0) return { table: 0, data: 0 };
    const first = out.length;
    const table = tableOf(symbols);
    const words = encodeWords(symbols, table);
    const coded = writeTable(table, words.length);
    out.gamma(coded.length + 1);
    out.bytes(coded);
    out.finish();
    const tableBits = out.length - first;
    out.bytes(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
    return { table: tableBits, data: out.length - first - tableBits };
  },

  open(from, count, alphabet): SymbolSource {
    if (count === 0) return { tableBits: 0, read: () => 0 };
    const first = from.position;
    const table = readTable(from.bytes(from.gamma() - 1), alphabet, from);
    from.align();
    const tableBits = from.position - first;
    from.need(16 * table.words);
    return {
      tableBits,
      read(into, offset = 0, stride = 1) {
        decodeWords(table, from, (read) => from.into(into, offset, stride, count, read));
        return 16 * table.words;
      },
    };
  },
};

function decodeWords({ scale, frequencies, words }: TableRead, from: BitReader, each: (read: (now: number) => number) => void): void {
  if (words < 2 * turns) from.refuse('four states', `${words} words`);
  const { engine } = from;
  for (let symbol = 0, slot = 0; symbol < frequencies.length; symbol++) slot = engine.ransSpread(symbol, frequencies[symbol]!, slot);
  const begin = from.skipBytes(2 * words);
  const end = begin + 2 * words;
  engine.ransBegin(begin);
  let at = begin + 4 * turns;
  each((now) => {
    at = engine.ransRead(at, end, now, scale);
    return now;
  });
  if (at !== end) from.refuse(`${words} words`, `${(at - begin) / 2}`);
  if (engine.ransEnded() === 0) from.refuse('states that end where they began', 'others');
}
