/** What `npm run wasm` writes is what its sources make: each module of WebAssembly, and what TypeScript knows of the kernels. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { carried, kernelTypes, lettersModule, relaxedKernels, withModule } from '../../../scripts/wasm.js';
import { ownKernels } from '../src/kernels/machine.js';

/** Compares a file with what it should be, or writes that into it. */
async function same(path: string, make: (text: string) => string | Promise<string>): Promise<void> {
  const generated = new URL(`../src/${path}`, import.meta.url);
  const made = await make(readFileSync(generated, 'utf8'));
  if (process.env['GOLDEN'] === 'write') writeFileSync(generated, made);
  expect(readFileSync(generated, 'utf8') === made, 'run `npm run wasm`').toBe(true);
}

test.each(Object.keys(carried))(
  '%s are what its sources make',
  async (name) => {
    await same('wasm.ts', (text) => withModule(name, text));
    // the compiler takes ten seconds for the kernels, and longer on a busy machine
  },
  300_000,
);

test('the kernels for relaxed SIMD are what their sources make', async () => {
  const generated = new URL('../assembly/kernels.relaxed.wasm', import.meta.url);
  const made = await relaxedKernels();
  if (process.env['GOLDEN'] === 'write') writeFileSync(generated, made);
  expect(Buffer.compare(readFileSync(generated), made), 'run `npm run wasm`').toBe(0);
}, 300_000);

test('a module that is another one is seen', async () => {
  const text = readFileSync(new URL('../src/wasm.ts', import.meta.url), 'utf8');
  const other = text.replace(/(?<=mixLetters =\n {2}'.{50})./, (letter) => (letter === 'a' ? 'b' : 'a'));
  expect(other).not.toBe(text);
  expect((await withModule('mixLetters', other)) === other).toBe(false);
}, 300_000);

test('what reads letters is what its source makes', () => same('codec/letters/wasm.ts', lettersModule));

test('the types of the kernels are those of their sources', () => same('kernels/exports.ts', kernelTypes));

test('the only import of the kernels is the memory', () => {
  expect(WebAssembly.Module.imports(ownKernels().module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
});
