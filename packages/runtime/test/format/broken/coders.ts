/** Files whose coded bytes break a rule of the coders rans or mix. */
import { type MixEncoder, mixEncoder } from '../../../src/codec/mix.js';
import { slots } from '../../../src/format/records/record.js';
import { joined, mixed, record, recordFile, sectionFile } from '../../help/crafted.js';
import type { Broken } from './broken.js';

interface RansParts {
  readonly scale?: number;
  readonly words?: number;
  readonly last?: number;
  readonly frequencies?: readonly number[];
  /** Bytes behind the table. */
  readonly behind?: number;
}

/** 16 weights that share 2 values, their symbols 0, 1 and 2 under rans. The words are zeros: states that end as they must not. */
function underRans({ scale = 1, words = 8, last = 1, frequencies = [1, 1], behind = 0 }: RansParts): Uint8Array {
  const table = mixEncoder();
  table.number(scale, 20);
  table.number(words, 21);
  table.number(last, 22);
  let before = 0;
  for (const frequency of frequencies) {
    table.number(frequency, before);
    before = 32 - Math.clz32(frequency);
  }
  const coded = joined(table.finish(), new Uint8Array(behind));
  return recordFile(
    record(2 + 16 * 2, [0, 2], (bits) => {
      for (let plane = 0; plane < 4; plane++) {
        bits.write(0, 1);
        bits.bytes(Uint8Array.of(1, 2));
      }
      bits.gamma(coded.length + 1);
      bits.bytes(coded);
      bits.finish();
      bits.bytes(new Uint8Array(2 * words));
    }),
  );
}

/** 16 weights of k shared values, all kept. */
const underMix = (k: number, fill: (to: MixEncoder) => void) =>
  mixed((to) => {
    to.number(2, slots.parametrization);
    to.number(0, slots.gapBits);
    to.number(1, slots.kept);
    to.number(k, slots.clusters);
    to.floats(
      Uint32Array.from({ length: k }, (_, i) => 0x3f800000 + Math.imul(i, 12345)),
      'float32',
      k,
    );
    fill(to);
  });
const shape = { rows: 1, columns: 16, positions: 1 };
const scattered = Uint16Array.from({ length: 16 }, (_, i) => (7 * i) % 4);
const whole = underMix(4, (to) => to.symbols(scattered, 4, shape));

/** Right as it is. */
export const goodSymbols = sectionFile(whole);

export const brokenCoders: readonly Broken[] = [
  { rule: 'F-66', how: 'frequencies of 17 bits', file: underRans({ scale: 17 }), code: 'input.pith-code' },
  { rule: 'F-67', how: 'a last symbol 3 of 3', file: underRans({ last: 3 }), code: 'input.pith-code' },
  { rule: 'F-68', how: 'frequencies 1 and 2 of 4', file: underRans({ scale: 2, frequencies: [1, 2] }), code: 'input.pith-code' },
  { rule: 'F-69', how: 'a table with bytes behind it', file: underRans({ behind: 5 }), code: 'input.pith-code' },
  { rule: 'F-70', how: 'seven words', file: underRans({ words: 7 }), code: 'input.pith-code' },
  { rule: 'F-71', how: 'states that end at zero', file: underRans({}), code: 'input.pith-code' },
  {
    rule: 'F-72',
    how: 'a stream without its second half',
    file: sectionFile({ kind: 3, bytes: whole.bytes.subarray(0, whole.bytes.length >> 1) }),
    code: 'input.pith-truncated',
  },
  { rule: 'F-73', how: 'symbol 3 of 3', file: sectionFile(underMix(3, (to) => to.symbols(scattered, 4, shape))), code: 'input.pith-code' },
];
