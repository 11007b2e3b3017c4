import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { codecModule, codecModules } from '../../../../scripts/wasm.js';
import { bytesOfLetters } from '../../src/codec/letters.js';
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

test('it is small', () => {
  expect(bytesOfLetters(wasm).length).toBeLessThan(25_000);
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
])('where WebAssembly %s nothing is coded', async (_, stub) => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', stub);
  const { mixEncoder } = await import('../../src/codec/mix.js');
  const { newEngine } = await import('../../src/codec/engine/engine.js');
  for (const make of [mixEncoder, newEngine]) expect(make).toThrow(expect.objectContaining({ code: 'unsupported.wasm' }));
});
