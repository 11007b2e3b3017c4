import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { codecModule, codecModules } from '../../../../scripts/wasm.js';
import { bytesOfLetters } from '../../src/codec/letters.js';
import { wasmKernels } from '../../src/codec/mix/kernel.js';
import { wasm } from '../../src/codec/mix/wasm.js';
import { trellisNext } from '../../src/codec/trellis.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test.each(Object.entries(codecModules))('the WebAssembly of %s is what its sources make', async (path, entry) => {
  const generated = new URL(`../../src/codec/${path}`, import.meta.url);
  const made = await codecModule(entry);
  if (process.env['GOLDEN'] === 'write') writeFileSync(generated, made);
  expect(readFileSync(generated, 'utf8') === made, 'run `npm run wasm`').toBe(true);
});

test('it is small, and there', () => {
  expect(bytesOfLetters(wasm).length).toBeLessThan(25_000);
  expect(wasmKernels()).toBeDefined();
});

test('its trellis is that of the library', () => {
  const text = readFileSync(new URL('../../assembly/trellis.ts', import.meta.url), 'utf8');
  expect(text).toContain(`[${trellisNext.join(', ')}]`);
});

test.each([
  ['is missing', undefined],
  [
    'is forbidden',
    {
      Module: () => {
        throw new EvalError('refused by the content security policy');
      },
    },
  ],
])('where WebAssembly %s the models run as they are written', async (_, stub) => {
  const values = Uint8Array.from({ length: 100 }, (_, i) => i % 7);
  const coded = async (): Promise<Uint8Array> => {
    vi.resetModules();
    const { mixEncoder } = await import('../../src/codec/mix.js');
    const coder = mixEncoder();
    coder.bytes(values, 1, 10);
    return coder.finish();
  };
  const before = await coded();
  vi.stubGlobal('WebAssembly', stub);
  expect(await coded()).toEqual(before);
  expect((await import('../../src/codec/mix/kernel.js')).wasmKernels()).toBeUndefined();
  const { newEngine } = await import('../../src/codec/engine/engine.js');
  expect(() => newEngine()).toThrow(expect.objectContaining({ code: 'unsupported.wasm' }));
});
