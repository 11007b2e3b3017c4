import { describe, expect, test } from 'vitest';
import { type Averaging, WeightAverage } from '../../src/train/average.js';
import type { Slot } from '../../src/train/program.js';

const slot = (input: string, kind: Slot['kind']): Slot => ({ input, output: `${input}/next`, dims: [2], owner: input, kind });
const slots = [slot('w', 'trained'), slot('w/momentum', 'state'), slot('mean', 'statistic')];
const at = (step: number) => new Map(slots.map((s, i): [string, Float32Array] => [s.input, Float32Array.of(step, 10 * step + i)]));

function averaged(plan: Averaging, total: number): Map<string, Float32Array> {
  const average = new WeightAverage(slots, plan, undefined);
  for (let step = 1; step <= total; step++) average.after(step, total, at(step));
  return average.result(at(total));
}

describe('the average of weights', () => {
  test('is the running one of every `every`-th step from `from` on, for weights and statistics, not for optimizer state', () => {
    const found = averaged({ from: 0.5, every: 2, decay: 0.75 }, 10); // steps 6, 8, 10
    const by = (value: (step: number) => number): number => 0.75 * (0.75 * value(6) + 0.25 * value(8)) + 0.25 * value(10);
    expect([...found.get('w')!]).toEqual([by((s) => s), by((s) => 10 * s)]);
    expect([...found.get('mean')!]).toEqual([by((s) => s), by((s) => 10 * s + 2)]);
    expect([...found.get('w/momentum')!]).toEqual([10, 101]);
  });

  test('is the arrays themselves where no step was in its part', () => {
    expect([...averaged({ from: 0.9, every: 7, decay: 0.5 }, 10).get('w')!]).toEqual([10, 100]);
  });

  test('begins with the last step alone where `from` is 1', () => {
    expect([...averaged({ from: 1, every: 1, decay: 0.5 }, 4).get('w')!]).toEqual([4, 40]);
  });

  test.each([3, 6, 7, 9])('goes on from a checkpoint after step %s to the same bits', (stop) => {
    const plan = { from: 0.3, every: 1, decay: 0.9 };
    const first = new WeightAverage(slots, plan, undefined);
    for (let step = 1; step <= stop; step++) first.after(step, 10, at(step));
    const second = new WeightAverage(slots, plan, new Map([...at(stop), ...first.entries()]));
    for (let step = stop + 1; step <= 10; step++) second.after(step, 10, at(step));
    expect(second.result(at(10))).toEqual(averaged(plan, 10));
    expect(new WeightAverage(slots, plan, at(stop)).entries()).toEqual([]);
  });

  test('keeps copies: what the caller does with its arrays later changes nothing', () => {
    const average = new WeightAverage(slots, { from: 0, every: 1, decay: 0.5 }, undefined);
    const arrays = at(1);
    average.after(1, 1, arrays);
    arrays.get('w')!.fill(99);
    expect([...average.result(arrays).get('w')!]).toEqual([1, 10]);
  });
});
