import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { wasmModule } from '../../../../scripts/wasm.js';
import { wasmKernels } from '../../src/codec/mix/kernel.js';
import { wasm } from '../../src/codec/mix/wasm.js';
import { trellisNext } from '../../src/codec/trellis.js';

const generated = new URL('../../src/codec/mix/wasm.ts', import.meta.url);

test('the WebAssembly is what its sources make', async () => {
  const made = await wasmModule();
  if (process.env['GOLDEN'] === 'write') writeFileSync(generated, made);
  expect(readFileSync(generated, 'utf8') === made, 'run `npm run wasm`').toBe(true);
});

test('it is small, and there', () => {
  expect(wasm.length * 0.75).toBeLessThan(15_000);
  expect(wasmKernels).toBeDefined();
});

test('its trellis is that of the library', () => {
  const text = readFileSync(new URL('../../assembly/trellis.ts', import.meta.url), 'utf8');
  expect(text).toContain(`[${trellisNext.join(', ')}]`);
});
