import { afterEach, expect, test, vi } from 'vitest';
import { PithError } from '../../src/errors.js';
import { Machine } from '../../src/kernels/machine.js';

afterEach(() => vi.unstubAllGlobals());

const codeOf = (call: () => void): string | undefined => {
  try {
    call();
  } catch (error) {
    return error instanceof PithError ? error.code : String(error);
  }
  return undefined;
};

test('what is allocated is aligned, apart, and given back as a stack', () => {
  const machine = Machine.open();
  const mark = machine.mark();
  const [a, b] = [machine.allocate(1), machine.allocate(100_000)];
  expect([a % 64, b % 64]).toEqual([0, 0]);
  machine.bytes(a, 1).fill(1);
  machine.bytes(b, 100_000).fill(2);
  expect(machine.bytes(a, 1)[0]).toBe(1);
  expect(machine.used).toBe(b + 100_000);
  machine.release(mark);
  expect(machine.allocate(1)).toBe(a);
});

test('an allocation beyond the limit fails by name, and the machine goes on', () => {
  const machine = Machine.open({ maxBytes: 65536 });
  const before = machine.used;
  expect(codeOf(() => machine.allocate(65536))).toBe('limit.memory');
  expect(machine.used).toBe(before);
  const a = machine.allocate(4096);
  machine.floats(a, 1024).fill(3);
  expect(machine.floats(a, 1024)[1023]).toBe(3);
});

test('an allocation that the host refuses fails by name', () => {
  const machine = Machine.open();
  vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementationOnce(() => {
    throw new RangeError('no');
  });
  expect(codeOf(() => machine.allocate(1 << 20))).toBe('limit.memory');
  expect(machine.allocate(1 << 20)).toBeGreaterThan(0);
});

test('where WebAssembly is missing, opening fails by name', async () => {
  // kernels that were compiled before would do
  vi.resetModules();
  const fresh = await import('../../src/kernels/machine.js');
  vi.stubGlobal('WebAssembly', undefined);
  expect(() => fresh.Machine.open()).toThrow(expect.objectContaining({ code: 'unsupported.wasm' }));
});
