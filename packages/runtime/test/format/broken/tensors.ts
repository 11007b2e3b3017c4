/** Files whose tensors or coded symbols break a rule. */
import { fileOf, graph, record, recordFile, symbols } from '../../help/crafted.js';
import type { Broken } from './broken.js';

/** shared, huffman. */
const sharedHead = 0x12;
/** shared, raw, b = 2, one shared value: entries of gap (2 bits) and symbol (1 bit). */
export const sharedRaw = (entries: readonly (readonly [gap: number, symbol: number])[], size = 16): Uint8Array =>
  recordFile(
    record(2, [2, entries.length, 1], (bits) => {
      bits.bytes(Uint8Array.of(0, 0, 0x80, 0x3f));
      for (const [gap] of entries) bits.write(gap, 2);
      for (const [, symbol] of entries) bits.write(symbol, 1);
    }),
    size,
  );
/** shared, huffman, b = 0, `values` shared values of zero: the table of the symbols is what `table` writes. */
export const withTable = (values: number, table: (write: (value: number, width: number) => void) => void): Uint8Array =>
  recordFile(
    record(sharedHead, [0, values], (bits) => {
      for (let plane = 0; plane < 4; plane++) {
        bits.write(0, 1);
        bits.bytes(new Uint8Array(values));
      }
      table((value, width) => bits.write(value, width));
    }),
  );

export const brokenTensors: readonly Broken[] = [
  {
    rule: 'F-03',
    how: 'ones behind the last bit',
    file: recordFile(
      record(2, [0, 1], (bits) => {
        bits.bytes(new Uint8Array(4));
        for (let i = 0; i < 3; i++) bits.write(1, 1);
        bits.write(0, 2);
        bits.write(7, 3);
      }),
      3,
    ),
    code: 'input.pith-code',
  },
  { rule: 'F-33', how: 'a record that nothing declares', file: fileOf(graph(), [symbols(Uint8Array.of(0))]), code: 'input.pith-value' },
  { rule: 'F-34', how: 'no record for a tensor', file: fileOf(graph({ declared: [{}] }), [], 16), code: 'input.pith-value' },
  { rule: 'F-38', how: 'parametrization 15', file: recordFile(Uint8Array.of(15)), code: 'unsupported.pith-parametrization' },
  { rule: 'F-36', how: 'coder 15', file: recordFile(Uint8Array.of(0xf0)), code: 'unsupported.pith-coder' },
  {
    rule: 'F-39',
    how: 'a shared tensor of int64',
    file: fileOf(graph({ declared: [{ dtype: 7, dims: [1] }] }), [symbols(Uint8Array.of(2, 0, 0, 0))], 8),
    code: 'input.pith-value',
  },
  {
    rule: 'F-40',
    how: 'a kept weight of -0',
    file: recordFile(
      record(1, [1, 1], (bits) => {
        bits.write(0, 1);
        for (const byte of [0, 0, 0, 0x80]) bits.write(byte, 8);
      }),
    ),
    code: 'input.pith-value',
  },
  { rule: 'F-41', how: '65536 shared values', file: recordFile(record(2, [0, 65536], () => {})), code: 'input.pith-value' },
  { rule: 'F-42', how: 'gaps of 17 bits', file: recordFile(record(2, [17, 0, 0], () => {})), code: 'input.pith-value' },
  { rule: 'F-43', how: '17 entries of 16 elements', file: recordFile(record(2, [2, 17, 1], () => {})), code: 'input.pith-value' },
  {
    rule: 'F-44',
    how: 'an entry behind the last element',
    file: sharedRaw(
      [
        [3, 1],
        [0, 1],
      ],
      4,
    ),
    code: 'input.pith-positions',
  },
  {
    rule: 'F-45',
    how: 'a filler after two zeros',
    file: sharedRaw([
      [2, 0],
      [1, 1],
    ]),
    code: 'input.pith-positions',
  },
  {
    rule: 'F-46',
    how: 'a filler at the end',
    file: sharedRaw([
      [1, 1],
      [3, 0],
    ]),
    code: 'input.pith-positions',
  },
  {
    rule: 'F-59',
    how: 'symbol 3 of 3',
    file: recordFile(
      record(2, [0, 2], (bits) => {
        bits.bytes(new Uint8Array(8));
        for (let i = 0; i < 16; i++) bits.write(3, 2);
      }),
    ),
    code: 'input.pith-code',
  },
  {
    rule: 'F-60',
    how: 'a single symbol 3 of 3',
    file: withTable(2, (write) => {
      write(0, 2);
      write(3, 2);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-61',
    how: 'four flat codes for three symbols',
    file: withTable(2, (write) => {
      write(1, 2);
      write(2, 5);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-62',
    how: 'lengths 2, 1, 1',
    file: withTable(4, (write) => {
      write(2, 2);
      write(2, 5);
      write(0b0_110_0, 5);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-63',
    how: 'three codes of length 2 for three symbols',
    file: withTable(2, (write) => {
      write(2, 2);
      write(2, 5);
      write(0, 24);
    }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-64',
    how: 'a code length of 21',
    file: withTable(2, (write) => {
      write(2, 2);
      write(20, 5);
      write(0b10, 2);
    }),
    code: 'input.pith-code',
  },
  { rule: 'F-65', how: 'a table of form 3', file: withTable(2, (write) => write(3, 2)), code: 'input.pith-code' },
];
