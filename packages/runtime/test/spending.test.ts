/** The account of what bytes were spent on: it adds up to the file, whatever coded it, and moves with what it is said to measure. */
import { describe, expect, test } from 'vitest';
import { type CoderChoice, coderChoices } from '../src/format/sections.js';
import type { StoredTensor } from '../src/format/stored.js';
import { narrowed, naturalView, type UniformStored } from '../src/format/uniform.js';
import { writePith } from '../src/format/write.js';
import { type Spent, type SpentOn, spendingOf, spentOn } from '../src/spending.js';
import { model, random } from './help/models.js';

const dims = [40, 60];
/** `density` of the levels are not zero; magnitudes 1 … `most`; a share `negative` of them below zero. */
function uniform(density: number, most: number, negative = 0.5): UniformStored {
  const roll = random(5);
  const levels = Int32Array.from({ length: 2400 }, () => {
    const [zero, size, sign] = [roll(), roll(), roll()];
    return zero >= density ? 0 : (sign < negative ? -1 : 1) * (1 + Math.floor(size * most));
  });
  return {
    ...{ kind: 'uniform', dtype: 'float32', dims, view: naturalView(dims, false), levels: narrowed(levels), grid: 'scalar' },
    ...{ step: -60, rowSteps: Int8Array.from({ length: 40 }, () => Math.floor(roll() * 9)), columnSteps: null },
  };
}

const floats = (): StoredTensor => {
  const roll = random(7);
  return { kind: 'dense', tensor: { dtype: 'float32', dims: [60], data: Float32Array.from({ length: 60 }, () => roll() - 0.5) } };
};
const positions = Uint32Array.from({ length: 300 }, (_, i) => 8 * i + (i % 5));
const stored: Readonly<Record<string, StoredTensor>> = {
  scarce: uniform(0.1, 3),
  levels: uniform(0.9, 40),
  zeros: uniform(0, 1),
  bias: floats(),
  sparse: { kind: 'sparse', dims, positions, values: Float32Array.from(positions, (p) => (p + 1) / 7) },
  shared: {
    kind: 'shared',
    dims,
    positions,
    codebook: Float32Array.of(-0.5, 0.25, 0.75),
    index: Uint16Array.from(positions, (p) => p % 3),
    gapBits: 5,
  },
};

const fileOf = (tensors: Readonly<Record<string, StoredTensor>>, coder: CoderChoice) =>
  writePith({ model: model({ nodes: [], inputs: [], outputs: [] }), stored: new Map(Object.entries(tensors)), coder });

const total = (spent: Spent): number => spentOn.reduce((sum, what) => sum + spent[what], 0);
const spentOf = (tensor: StoredTensor): Spent => spendingOf(fileOf({ tensor }, 'mix').bytes).tensors[0]!.spent;

describe('the account', () => {
  test.each(coderChoices)('adds up to what the report of a file of coder %s says of each tensor', (coder) => {
    const { bytes, report } = fileOf(stored, coder);
    const { tensors } = spendingOf(bytes);
    expect(tensors.map(({ name }) => name)).toEqual(report.tensors.map(({ name }) => name));
    // sums of some thousand differences of logarithms, each good to 2^-40
    for (const [i, { spent }] of tensors.entries()) expect(Math.abs(total(spent) - report.tensors[i]!.bytes)).toBeLessThan(1e-6);
  });

  test.each<[string, UniformStored, UniformStored, SpentOn]>([
    ['signs, mostly zero', uniform(0.1, 3), uniform(0.1, 3, 0), 'signs'],
    ['signs', uniform(0.9, 40), uniform(0.9, 40, 0), 'signs'],
    ['magnitudes, mostly zero', uniform(0.1, 30), uniform(0.1, 1), 'magnitudes'],
    ['magnitudes', uniform(0.9, 30), uniform(0.9, 1), 'magnitudes'],
    ['flags', uniform(0.4, 2), uniform(0.01, 2), 'zeroFlags'],
    ['steps', uniform(0.1, 3), { ...uniform(0.1, 3), rowSteps: null }, 'steps'],
  ])('tells %s from the rest', (_, dear, cheap, what) => {
    const [a, b] = [spentOf(dear), spentOf(cheap)];
    expect(b[what]).toBeLessThan(a[what] / 3);
  });

  test('a sign that nothing tells costs a bit', () => {
    const tensor = uniform(0.1, 3);
    const nonZero = Array.from(tensor.levels).filter((level) => level !== 0).length;
    // models begin without an opinion and drift around a half: a few per cent
    expect(spentOf(tensor).signs).toBeGreaterThan((0.97 * nonZero) / 8);
    expect(spentOf(tensor).signs).toBeLessThan((1.1 * nonZero) / 8);
  });

  test('a codebook is told from values', () => {
    const shared = spentOf(stored['shared']!);
    expect([shared.codebook > 5, shared.values, shared.indices > 5, shared.zeroFlags > 5]).toEqual([true, 0, true, true]);
    expect(spentOf(stored['bias']!)).toMatchObject({ codebook: 0, zeroFlags: 0 });
  });
});
