import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kernelModule } from '../../../../scripts/wasm.js';

const generated = new URL('../../src/kernels/wasm.ts', import.meta.url);

test('the WebAssembly of the kernels is what its sources make', async () => {
  const made = await kernelModule();
  if (process.env['GOLDEN'] === 'write') writeFileSync(generated, made);
  expect(readFileSync(generated, 'utf8') === made, 'run `npm run wasm`').toBe(true);
  // the compiler takes ten seconds, and longer on a busy machine
}, 300_000);

test('its only import is the memory', async () => {
  // only now: what it imports may have just been written
  const { compileKernels } = await import('../../src/kernels/machine.js');
  expect(WebAssembly.Module.imports(compileKernels())).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
});
