import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateFactor, type Schedule } from '../../src/train/schedule.js';

const half = Math.SQRT1_2;

describe('the learning rate', () => {
  test.each<[string, Schedule, number, readonly number[]]>([
    ['constant', { kind: 'constant' }, 4, [1, 1, 1, 1]],
    ['constant after a warm-up of half', { kind: 'constant', warmup: 0.5 }, 4, [0.5, 1, 1, 1]],
    ['warm-up alone', { kind: 'cosine', warmup: 1 }, 4, [0.25, 0.5, 0.75, 1]],
    ['steps at thirds', { kind: 'step', every: 1 / 3, gamma: 0.1 }, 6, [1, 1, 0.1, 0.1, 0.01, 0.01]],
    ['steps at 30, 60 and 90 %', { kind: 'step', every: 0.3, gamma: 0.5 }, 10, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]],
    ['cosine', { kind: 'cosine' }, 4, [1, (1 + half) / 2, 0.5, (1 - half) / 2]],
    ['cosine to a tenth', { kind: 'cosine', end: 0.1 }, 2, [1, 0.55]],
    ['cosine after a warm-up', { kind: 'cosine', warmup: 0.2 }, 10, [0.5, 1, 1]],
    ['a single step', { kind: 'cosine' }, 1, [1]],
  ])('is as the table says: %s', (_, schedule, total, expected) => {
    expected.forEach((factor, step) => {
      expect(rateFactor(schedule, step, total)).toBeCloseTo(factor, 12);
    });
  });

  test('of a cosine reaches its end value at the end', () => {
    expect(rateFactor({ kind: 'cosine', end: 0.2 }, 100, 100)).toBeCloseTo(0.2, 12);
    expect(rateFactor({ kind: 'cosine' }, 100, 100)).toBeCloseTo(0, 12);
  });

  test('stays in 0 … 1, and never rises after the warm-up', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom<Schedule>({ kind: 'constant' }, { kind: 'step', every: 0.25, gamma: 0.3 }, { kind: 'cosine', end: 0.05 }),
        (total, warmup, schedule) => {
          let before = Number.POSITIVE_INFINITY;
          for (let step = 0; step < total; step++) {
            const factor = rateFactor({ ...schedule, warmup }, step, total);
            expect(factor).toBeGreaterThan(0);
            expect(factor).toBeLessThanOrEqual(1);
            if (step >= Math.round(warmup * total)) expect(factor).toBeLessThanOrEqual(before);
            if (step >= Math.round(warmup * total)) before = factor;
          }
        },
      ),
      { seed: 7, numRuns: 60 },
    ));
});
