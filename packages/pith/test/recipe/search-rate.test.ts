/** The search for λ, on simulated networks: bytes fall with λ, the error rises. */
import { describe, expect, test } from 'vitest';
import { ratePlan } from '../../src/recipe/search/rate.js';
import type { Measured, Targets } from '../../src/recipe/targets.js';

const referenceError = 0.01;

function search(targets: Targets, lambda = 1e-5, bytes = (aim: number): number => Math.round(300 + 8 / Math.sqrt(aim))) {
  const planner = ratePlan({
    name: 'simulated',
    targets,
    lambda,
    epochs: 10,
    stepAt: (aim, epochs, begun) => ({ use: 'rate', lambda: aim, epochs, ...(begun && { from: 1 }) }),
  });
  const records: (Measured & { from: number; epochs: number })[] = [];
  for (let n = 0; n < 50; n++) {
    const next = planner(records, referenceError);
    // through JSON, as a run folder keeps them
    expect(planner(JSON.parse(JSON.stringify(records)) as Measured[], referenceError)).toEqual(next);
    if (next.kind === 'end') return { records, chosen: records[next.chosen]!, met: next.met };
    const { aim, round, from, step } = next;
    records.push({
      aim,
      round,
      from,
      use: step.use,
      bytes: bytes(aim),
      error: 0.01 + 400 * aim,
      epochs: step.use === 'rate' ? step.epochs : 0,
    });
  }
  throw new Error('it did not end');
}

describe('the search for λ', () => {
  test('without a target is one round', () => {
    expect(search({}).records).toHaveLength(1);
  });

  test('meets a size, in shorter rounds from where it stands', () => {
    const { records, chosen, met } = search({ maxSize: 2000 });
    expect(met).toBe(true);
    expect(chosen.bytes).toBeLessThanOrEqual(2000);
    expect(records.length).toBeGreaterThan(1);
    expect(records.map((r) => r.from)).toEqual(records.map((_, i) => i - 1));
    expect(records.slice(1).every((r) => r.epochs < records[0]!.epochs)).toBe(true);
  });

  test('goes as far as a drop allows', () => {
    const { chosen, met } = search({ maxDrop: 0.02 });
    expect(met).toBe(true);
    expect(chosen.error).toBeLessThanOrEqual(referenceError + 0.02);
    expect(chosen.aim).toBeGreaterThan(0.02 / 400 / 2);
    expect(search({ maxDrop: 0.001 }).met).toBe(true);
  });

  test('a size below what is possible ends with the smallest file', () => {
    const { records, chosen, met } = search({ maxSize: 200 });
    expect(met).toBe(false);
    expect(chosen.bytes).toBe(Math.min(...records.map((r) => r.bytes)));
  });

  test('ends where λ is 0: nothing is to be gained', () => {
    expect(search({ maxSize: 200 }, 0, () => 5000)).toMatchObject({ met: false, records: { length: 1 } });
  });
});
