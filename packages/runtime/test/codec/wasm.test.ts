import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { bytesOfLetters } from '../../src/codec/letters.js';
import { trellisNext } from '../../src/codec/trellis.js';
import { mixLetters } from '../../src/wasm.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('it is small', () => {
  expect(bytesOfLetters(mixLetters).length).toBeLessThan(25_000);
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
