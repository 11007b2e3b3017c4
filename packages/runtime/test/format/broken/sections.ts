/** Files whose tensors sections, mix streams or uniform tensors break a rule. */
import type { MixEncoder } from '../../../src/codec/mix.js';
import { slots } from '../../../src/format/records/record.js';
import { fileOf, graph, joined, mixed, record, recordFile, sectionFile, symbols } from '../../help/crafted.js';
import type { Broken } from './broken.js';

const zigzag = (n: number): number => (n < 0 ? -2 * n - 1 : 2 * n);
/** uniform, raw: flags, step, lowest level, span; then offsets of so many bits. */
const uniform = (numbers: readonly number[], offsets: readonly number[] = [], width = 0): Uint8Array =>
  record(3, numbers, (bits) => {
    for (const offset of offsets)
      if (width === 32) for (let byte = 0; byte < 4; byte++) bits.write((offset >>> (8 * byte)) & 255, 8);
      else bits.write(offset, width);
  });
const plainUniform = uniform([0, zigzag(-64), zigzag(-1), 2], new Array(16).fill(1), 2);
const mix = (fill: (to: MixEncoder) => void, size = 16): Uint8Array => sectionFile(mixed(fill), size);

/** Right as it is. */
export const goodUniform = recordFile(plainUniform);
const zeroUniform = mixed((to) => {
  to.number(3, slots.parametrization);
  to.number(32, slots.flags);
  to.signed(0, slots.step);
});
export const goodMix = sectionFile(zeroUniform);

export const brokenSections: readonly Broken[] = [
  {
    rule: 'F-32',
    how: 'a section of form 2',
    file: sectionFile({ kind: 3, bytes: joined(Uint8Array.of(2, 1), plainUniform) }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-35',
    how: 'a byte behind the last record',
    file: sectionFile({ kind: 3, bytes: joined(Uint8Array.of(0, 1), plainUniform, Uint8Array.of(0)) }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-37',
    how: 'bytes behind the stream',
    file: sectionFile({ kind: 3, bytes: joined(zeroUniform.bytes, new Uint8Array(9)) }),
    code: 'input.pith-code',
  },
  {
    rule: 'F-47',
    how: 'a level above the highest',
    file: recordFile(uniform([0, 0, 0, 65536], new Array(16).fill(65537), 32)),
    code: 'input.pith-value',
  },
  { rule: 'F-48', how: 'a level of 2^24', file: recordFile(uniform([0, 0, zigzag(2 ** 24 - 1), 1])), code: 'input.pith-value' },
  {
    rule: 'F-49',
    how: 'a third way to keep weights',
    file: mix((to) => {
      to.number(1, slots.parametrization);
      to.number(3, slots.kept);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-50',
    how: 'a kept weight of zero',
    file: mix((to) => {
      to.number(1, slots.parametrization);
      to.number(1, slots.kept);
      to.floats(new Uint32Array(16), 'float32', 16);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-51',
    how: 'weights without a shared value',
    file: mix((to) => {
      to.number(2, slots.parametrization);
      to.number(0, slots.gapBits);
      to.number(1, slots.kept);
      to.number(0, slots.clusters);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-52',
    how: 'a row step of 128',
    file: mix((to) => {
      to.number(3, slots.parametrization);
      to.number(34, slots.flags);
      to.signed(0, slots.step);
      to.signed(128, slots.rowStep);
    }),
    code: 'input.pith-value',
  },
  {
    rule: 'F-53',
    how: 'a uniform tensor of int64',
    file: fileOf(graph({ declared: [{ dtype: 7, dims: [16] }] }), [symbols(plainUniform)], 128),
    code: 'input.pith-value',
  },
  { rule: 'F-54', how: 'flag 64', file: recordFile(uniform([64, 0, 0, 0])), code: 'input.pith-value' },
  { rule: 'F-55', how: 'a view of 15 entries', file: recordFile(uniform([16, 3, 5, 1, 0, 0, 0])), code: 'input.pith-value' },
  { rule: 'F-56', how: 'a transposed vector', file: recordFile(uniform([8, 0, 0, 0])), code: 'input.pith-value' },
  { rule: 'F-57', how: 'a step of 2^128', file: recordFile(uniform([0, zigzag(2048), 0, 0])), code: 'input.pith-value' },
  { rule: 'F-58', how: 'row steps of no rows', file: recordFile(uniform([34, 0]), 0), code: 'input.pith-value' },
];
