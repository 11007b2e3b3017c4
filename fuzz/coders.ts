/**
 * Each coder by itself. An input is a few bytes that say what is coded, then bytes that are taken both as coded ones and as what is to be
 * coded: what is decoded from them, where that succeeds, and what they are must come back from a second coding as they were.
 */
import { BitReader, BitWriter } from '../packages/runtime/src/codec/bits.js';
import { ByteReader, ByteWriter } from '../packages/runtime/src/codec/bytes.js';
import type { SymbolCoder } from '../packages/runtime/src/codec/coder.js';
import { coders } from '../packages/runtime/src/codec/coders.js';
import { type MixDecoder, type MixEncoder, mixDecoder, mixEncoder } from '../packages/runtime/src/codec/mix.js';
import { PithError } from '../packages/runtime/src/errors.js';
import type { Target } from './target.js';

/** A mebibyte, and what the coder makes whatever is in its input: slots of models, tables of states. */
const allowance = 16 * 1024 * 1024;
/** Symbols of an input are fewer than this. */
const mostSymbols = 2048;

const insistSame = (a: ArrayLike<number>, b: ArrayLike<number>): void => {
  if (a.length !== b.length || Array.from(a).some((value, i) => value !== b[i]))
    throw new Error('what was coded reads back as something else');
};

/** What a reader gives, or undefined where it refuses as it may. */
function accepted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PithError && error.kind !== 'bug') return undefined;
    throw error;
  }
}

function encodeSymbols(coder: SymbolCoder, symbols: Uint16Array, alphabet: number): Uint8Array {
  const out = new ByteWriter();
  const bits = new BitWriter(out);
  coder.encode(symbols, alphabet, bits);
  bits.finish();
  return out.done();
}

function decodeSymbols(coder: SymbolCoder, bytes: Uint8Array, count: number, alphabet: number): Uint16Array {
  const from = new ByteReader(bytes);
  const bits = new BitReader(from);
  const into = new Uint16Array(count);
  coder.open(bits, count, alphabet).read(into);
  bits.finish(from);
  return into;
}

/** Two bytes of count, one of the bits of the alphabet. */
const symbolTarget = (coder: SymbolCoder): Target => ({
  name: `coder-${coder.name}`,
  allowance,
  seeds: () =>
    [1, 4, 8, 16].flatMap((bits) =>
      [0, 1, 60, 700].map((count) => {
        const symbols = Uint16Array.from({ length: count }, (_, i) => (i * i * 7919) % 2 ** (1 + ((i * 31) % bits)));
        return Uint8Array.of(count & 255, count >> 8, bits, ...encodeSymbols(coder, symbols, 2 ** bits));
      }),
    ),
  run(bytes) {
    const [low = 0, high = 0, wide = 0] = bytes;
    const alphabet = 2 ** (wide % 17);
    const rest = bytes.subarray(3);
    const given = Uint16Array.from(rest.subarray(0, mostSymbols), (byte, i) => (byte * (1 + (i % 3) * 256)) % alphabet);
    const found = accepted(() => decodeSymbols(coder, rest, (low + 256 * high) % mostSymbols, alphabet));
    for (const symbols of found ? [given, found] : [given])
      insistSame(decodeSymbols(coder, encodeSymbols(coder, symbols, alphabet), symbols.length, alphabet), symbols);
  },
});

type Values = Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** An array of a mix stream, made of any bytes, and the call that codes it. */
interface Kind {
  readonly name: string;
  /** As many values as there are bytes. */
  of(bytes: Uint8Array): Values;
  code(coder: MixEncoder | MixDecoder, values: Values, columns: number, positions: number): void;
}

const shapeOf = (values: Values, columns: number, positions: number) => ({
  rows: Math.ceil(values.length / (columns * positions)),
  columns,
  positions,
});

const kinds: readonly Kind[] = [
  {
    name: 'bytes',
    of: (bytes) => bytes.slice(0, bytes.length - (bytes.length % 4)),
    code: (coder, values, columns, positions) => coder.bytes(values as Uint8Array, positions % 2 ? 1 : 4, columns),
  },
  {
    name: 'floats',
    of: (bytes) => Uint32Array.from(bytes, (byte, i) => byte * 2 ** ((i % 4) * 8)),
    code: (coder, values, columns) => coder.floats(values as Uint32Array, 'float32', columns),
  },
  {
    name: 'half',
    of: (bytes) => Uint16Array.from(bytes, (byte, i) => byte * (i % 2 ? 257 : 1)),
    code: (coder, values, columns, positions) => coder.floats(values as Uint16Array, positions % 2 ? 'float16' : 'bfloat16', columns),
  },
  {
    name: 'levels',
    of: (bytes) => Int32Array.from(bytes, (byte, i) => (byte - 128) * (i % 97 === 0 ? 65535 : 1)),
    code: (coder, values, columns, positions) =>
      coder.levels(values as Int32Array, shapeOf(values, columns, positions), columns % 2 ? 'trellis' : 'scalar'),
  },
  {
    name: 'mask',
    of: (bytes) => bytes.map((byte) => byte & 1),
    code: (coder, values, columns, positions) => coder.mask(values as Uint8Array, shapeOf(values, columns, positions)),
  },
  {
    name: 'symbols',
    of: (bytes) => Uint16Array.from(bytes, (byte, i) => byte * (i % 5 ? 1 : 256)),
    code: (coder, values, columns, positions) => coder.symbols(values as Uint16Array, 65536, shapeOf(values, columns, positions)),
  },
];

/** A byte each of columns, positions and count. */
const mixTarget = ({ name, of, code }: Kind): Target => {
  const encode = (values: Values, columns: number, positions: number): Uint8Array => {
    const coder = mixEncoder();
    code(coder, values, columns, positions);
    return coder.finish();
  };
  const decode = (bytes: Uint8Array, like: Values, columns: number, positions: number): Values => {
    const coder = mixDecoder(bytes);
    const into = new (like.constructor as new (length: number) => Values)(like.length);
    code(coder, into, columns, positions);
    coder.end();
    return into;
  };
  return {
    name: `coder-mix-${name}`,
    allowance,
    seeds: () =>
      [4, 40, 240].flatMap((count) =>
        [1, 9].map((positions) => {
          const values = of(Uint8Array.from({ length: count }, (_, i) => Math.imul(i * i, 0x9e3779b1) >>> (24 + (i % 8))));
          return Uint8Array.of(7, positions, count, ...encode(values, 7, positions));
        }),
      ),
    run(bytes) {
      const [first = 0, second = 0, count = 0] = bytes;
      const columns = first || 1;
      const positions = second || 1;
      const rest = bytes.subarray(3);
      const given = of(rest.subarray(0, mostSymbols));
      const found = accepted(() => decode(rest, of(new Uint8Array(count)), columns, positions));
      for (const values of found ? [given, found] : [given])
        insistSame(decode(encode(values, columns, positions), values, columns, positions), values);
    },
  };
};

/** Numbers alone: a byte each of how many and of their slot. */
const numbers: Target = {
  name: 'coder-mix-numbers',
  allowance,
  seeds: () => [Uint8Array.of(3, 0), Uint8Array.of(40, 31, ...Array.from({ length: 60 }, (_, i) => (i * 37) & 255))],
  run(bytes) {
    const [count = 0, slot = 0] = bytes;
    const rest = bytes.slice(2);
    const read = (from: Uint8Array, length: number): number[] => {
      const coder = mixDecoder(from);
      const list = Array.from({ length }, (_, i) => coder.number((slot + i) % 32));
      coder.end();
      return list;
    };
    const given = [...new Uint32Array(rest.buffer, 0, Math.min(rest.length >> 2, mostSymbols))];
    const found = accepted(() => read(rest, count));
    for (const list of found ? [given, found] : [given]) {
      const coder = mixEncoder();
      for (const [i, value] of list.entries()) coder.number(value, (slot + i) % 32);
      insistSame(read(coder.finish(), list.length), list);
    }
  },
};

export const coderTargets: readonly Target[] = [...coders.map(symbolTarget), ...kinds.map(mixTarget), numbers];
