import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judge } from '../../../../fuzz/judge.js';
import { inputOf } from '../../../../fuzz/mutate.js';
import { target } from '../../../../fuzz/onnx.js';
import type { Target } from '../../../../fuzz/target.js';
import { samples } from './samples.js';

const folder = new URL('../../../../fuzz/seeds/onnx/', import.meta.url);
const broken = (run: (bytes: Uint8Array) => void): Target => ({ name: 'broken', seeds: () => [], run });

describe('the fuzz corpus', () => {
  for (const [name, bytes] of Object.entries(samples))
    test(`holds ${name} as the writer writes it (GOLDEN=write renews it)`, () => {
      const path = new URL(`${name}.onnx`, folder);
      if (process.env['GOLDEN'] === 'write') {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path, bytes);
      }
      expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    });

  test('is read without a finding', () => {
    for (const bytes of target.seeds()) expect(judge(target, bytes)).toEqual({ outcome: expect.any(String) });
  });
});

describe('mutated models', () => {
  test('are read or refused with a PithError, soon and in little memory', () => {
    const seeds = target.seeds();
    const outcomes = new Map<string, number>();
    for (let n = 0; n < 4000; n++) {
      const { outcome, finding } = judge(target, inputOf(target, seeds, 2, n));
      expect(finding, `input ${n}`).toBeUndefined();
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(outcomes.get('read')).toBeGreaterThan(100);
    expect(outcomes.size).toBeGreaterThan(10);
  });

  test('and the judge can say no', () => {
    expect(
      judge(
        broken(() => {
          throw new TypeError('x is undefined');
        }),
        new Uint8Array(),
      ).finding,
    ).toMatch('TypeError');
    const kept: Uint8Array[] = [];
    expect(
      judge(
        broken(() => {
          kept.push(new Uint8Array(2 ** 21));
        }),
        new Uint8Array(10),
      ).finding,
    ).toMatch('bytes of arrays');
    expect(
      judge(
        broken(() => {
          // of the processor's time: on a busy machine that is not the clock's
          const before = process.cpuUsage();
          for (let used = process.cpuUsage(before); used.user + used.system < 1_050_000; used = process.cpuUsage(before));
        }),
        new Uint8Array(),
      ).finding,
    ).toMatch('took');
  });
});
