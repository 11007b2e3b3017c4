import { describe, expect, test } from 'vitest';
import { Machine, ownKernels } from '../../src/kernels/machine.js';
import { allowRelaxed, relaxedBytes } from '../help/relaxed.js';
import { type TwinCase, worst } from './twin.js';
import { twins } from './twins/list.js';

/** What the heap needs; it computes nothing. */
const notKernels = ['heapBase'];

test('each kernel has its twin, and each twin its kernel', () => {
  const functions = WebAssembly.Module.exports(ownKernels().module).filter(({ kind }) => kind === 'function');
  const names = functions.map(({ name }) => name).filter((name) => !notKernels.includes(name) && !name.endsWith('Scratch'));
  expect(twins.map(({ name }) => name as string).sort()).toEqual(names.sort());
});

function relaxed(): Machine {
  allowRelaxed();
  const module = new WebAssembly.Module(relaxedBytes);
  return Machine.open({ kernels: { module, shared: () => module } });
}

describe.each([
  ['kernels', () => Machine.open()],
  ['kernels with relaxed SIMD', relaxed],
] as const)('%s', (_, open) => {
  const machine = open();
  const base = machine.mark();
  /** What is in memory before the heap. */
  const constants = machine.bytes(0, machine.exports.heapBase()).slice();

  const measure = (each: TwinCase, spoil: (values: Float32Array | Int32Array | Uint8Array) => void): number => {
    machine.release(base);
    return worst(each.run(machine, spoil), each.tolerance);
  };

  describe.each(twins)('$name', ({ cases }) => {
    test('gives what its scalar twin gives', () => {
      expect(cases.length).toBeGreaterThan(0);
      const wrong = cases.map((each) => ({ what: each.what, error: measure(each, () => {}) })).filter(({ error }) => error > 1);
      expect(wrong).toEqual([]);
    });

    test('is found wrong where it is handed something else', () => {
      const unseen = cases.filter((each) => measure(each, (values) => values.set(values.map((v) => v + 1))) <= 1);
      expect(unseen.map(({ what }) => what)).toEqual([]);
    });
  });

  test('no kernel writes at a fixed place, where threads would meet', () => {
    for (const { cases } of twins) for (const each of cases) measure(each, () => {});
    expect(constants.length).toBeGreaterThan(0);
    expect(machine.bytes(0, constants.length)).toEqual(constants);
  });
});
