/** Kernels that the caller brings: from any source or compiled, for many models; others than those of this version are refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { bytesOfLetters } from '../../src/codec/letters.js';
import { writePith } from '../../src/format/write.js';
import type { KernelSource } from '../../src/model/kernel-module.js';
import { load } from '../../src/model/load.js';
import { kernelLetters } from '../../src/wasm.js';
import { loadOn } from '../../src/worker/client.js';
import { serve } from '../../src/worker/serve.js';
import { rejection } from '../help/expect-code.js';
import { lenet300, random } from '../help/models.js';

const { bytes } = writePith(lenet300());
const image = Float32Array.from({ length: 784 }, random(3));
const kernels = bytesOfLetters(kernelLetters);
const folder = mkdtempSync(join(tmpdir(), 'pith-kernels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (contents: Uint8Array): URL => {
  writeFileSync(join(folder, 'kernels.wasm'), contents);
  return pathToFileURL(join(folder, 'kernels.wasm'));
};

/** The same with a section that nobody reads in front of all others, of a MiB of zeros: its name has no letter. */
const padding = Uint8Array.of(0, 0x80, 0x80, 0x40);
const padded = Buffer.concat([kernels.subarray(0, 8), padding, new Uint8Array(1 << 20), kernels.subarray(8)]);

/** A module with nothing in it. */
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

const sources: readonly (readonly [string, () => KernelSource])[] = [
  ['bytes', () => kernels],
  ['a Response', () => new Response(kernels)],
  ['an address', () => file(kernels)],
  ['an address of a file that comes in pieces', () => file(padded)],
  ['a module', () => new WebAssembly.Module(kernels)],
];

test.each(sources)('%s: gives what the kernels of the package give, here and in a worker', async (_, source) => {
  const expected = await (await load(bytes)).run({ image });
  const here = await load(bytes, { wasm: source() });
  expect(await here.run({ image })).toEqual(expected);
  const there = await loadOn({ hand: serve, end: () => undefined, watch: () => undefined }, bytes, { wasm: source() });
  expect(await there.run({ image })).toEqual(expected);
  there.dispose();
});

test.each<[string, () => KernelSource, string]>([
  ['what is no WebAssembly', () => Uint8Array.of(1, 2, 3), 'input.wasm'],
  ['a damaged file', () => kernels.subarray(0, 1000), 'input.wasm'],
  ['another module', () => new WebAssembly.Module(empty), 'input.wasm'],
  ['a page', () => new Response('<!doctype html>'), 'input.wasm'],
  ['an answer that there is none', () => new Response('', { status: 404 }), 'input.fetch'],
  ['nothing', () => new Response(''), 'input.wasm'],
  ['a file without end', () => new Response(new Uint8Array((1 << 24) + 1)), 'limit.file-bytes'],
])('%s is refused', async (_, source, code) => {
  expect((await rejection(() => load(bytes, { wasm: source() }))).code).toBe(code);
  let ended = 0;
  const peer = { hand: serve, end: () => void ended++, watch: () => undefined };
  expect((await rejection(() => loadOn(peer, bytes, { wasm: source() }))).code).toBe(code);
  expect(ended).toBe(1);
});
