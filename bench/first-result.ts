/**
 * How soon a compressed LeNet-5 gives its first result in Chromium, against onnxruntime-web on the float model: from the bytes of the file,
 * which are there, to the numbers. Each time a new page, in turns; onnxruntime-web's Wasm is in the browser's cache, and the JavaScript of
 * both is loaded before. Weights are random, at the densities of Deep Compression. In Node the same is part of bench/inference.ts.
 *
 *   npm run build && node bench/run.mjs first-result [--rounds 21] [--name first-result]
 *
 * Writes bench/results/NAME.json and NAME.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { readPith, toModel, writePith } from '../packages/runtime/dist/index.js';
import { writeOnnx } from '../packages/runtime/dist/onnx.js';
import { type Served, serveFile } from '../packages/runtime/test/help/file-server.js';
import { lenet5, random } from '../packages/runtime/test/help/models.js';
import { openApp, openBrowser } from '../test/support/browser.js';
import { chromium } from '../test/support/chromium.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' }, name: { type: 'string', default: 'first-result' } } });
const rounds = Number(values.rounds);
const root = process.cwd();

/** Set `first`, which takes the bytes and the image and gives the logits. */
const ours = `
    import { load } from 'pith-runtime';
    const first = async (bytes, image) => (await (await load(bytes)).run({ image })).logits.data;`;
const programs = {
  huffman: ours,
  mix: ours,
  'onnxruntime-web': `
    import * as ort from 'onnxruntime-web/wasm';
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = { wasm: '/ort.wasm' };
    const first = async (bytes, image) => {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      return (await session.run({ image: new ort.Tensor('float32', image, [1, 1, 28, 28]) })).logits.data;
    };`,
} as const;
type Name = keyof typeof programs;
const names = Object.keys(programs) as Name[];
const measured = `
  const timed = async (bytes, image) => {
    const start = performance.now();
    const logits = await first(bytes, Float32Array.from(image));
    return { milliseconds: performance.now() - start, logits: Array.from(logits) };
  };`;

interface Timed {
  readonly milliseconds: number;
  readonly logits: readonly number[];
}
type Ask = (name: Name) => Promise<Timed>;

const coded = (coder: 'huffman' | 'mix'): Uint8Array => writePith({ ...lenet5(), coder }).bytes;
const files: Readonly<Record<Name, Uint8Array>> = {
  huffman: coded('huffman'),
  mix: coded('mix'),
  'onnxruntime-web': writeOnnx(toModel(readPith(coded('mix')))),
};
const image = Array.from({ length: 784 }, random(4));

async function inChromium(browser: Browser): Promise<{ ask: Ask; close(): Promise<void> }> {
  const cached = { 'cache-control': 'public, max-age=3600' };
  const bundled = async (name: Name): Promise<Uint8Array> => {
    const contents = `${programs[name]}${measured}
      const bytes = new Uint8Array(await (await fetch('/${name}.bin')).arrayBuffer());
      globalThis.run = (image) => timed(bytes, image);`;
    const stdin = { contents, resolveDir: root };
    const result = await build({ stdin, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'error' });
    return result.outputFiles[0]!.contents;
  };
  const wasm = readFileSync(join(root, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'));
  const served = new Map<string, Served>([['/ort.wasm', { file: wasm, type: 'application/wasm', headers: cached }]]);
  for (const name of names) {
    served.set(`/${name}`, {
      file: new TextEncoder().encode(`<!doctype html><title>pith</title><script type="module" src="/${name}.js"></script>`),
      type: 'text/html',
      headers: cached,
    });
    served.set(`/${name}.js`, { file: await bundled(name), type: 'text/javascript', headers: cached });
    served.set(`/${name}.bin`, { file: files[name], type: 'application/octet-stream', headers: cached });
  }
  const site = await serveFile((_, path) => served.get(path) ?? { file: new Uint8Array(0), status: 404 });
  const context = await browser.newContext();
  const ask: Ask = async (name) => {
    const page = await openApp(context, `${site.address}/${name}`);
    try {
      return await page.evaluate(`run(${JSON.stringify(image)})`);
    } finally {
      await page.close();
    }
  };
  return {
    ask,
    close: async () => {
      await browser.close();
      await site.close();
    },
  };
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

async function compared(host: string, { ask, close }: { ask: Ask; close(): Promise<void> }) {
  try {
    const expected = (await ask('onnxruntime-web')).logits;
    const scale = Math.max(...expected.map(Math.abs));
    const off = async (name: Name): Promise<number> =>
      Math.max(...(await ask(name)).logits.map((x, i) => Math.abs(x - expected[i]!))) / scale;
    const error = Math.max(await off('huffman'), await off('mix'));
    if (!(error <= 1e-4)) throw new Error(`${host}: outputs differ by ${error}`);
    const times: Record<Name, number[]> = { huffman: [], mix: [], 'onnxruntime-web': [] };
    for (let round = 0; round < rounds; round++)
      for (let i = 0; i < names.length; i++) {
        const name = names[(round + i) % names.length]!;
        times[name].push((await ask(name)).milliseconds);
      }
    return { host, error, times };
  } finally {
    await close();
  }
}

if (!chromium) throw new Error('needs Chromium: apt-get install chromium');
const about = machine();
const browser = await openBrowser();
const rows = [await compared(`Chromium ${browser.version()}`, await inChromium(browser))];
const table = markdown(
  ['LeNet-5, from bytes to first result', 'bytes', 'median ms', 'least ms', 'times sooner (medians)', 'largest difference'],
  rows.flatMap(({ host, times, error }) =>
    names.map((name) => [
      `${host}: ${name === 'onnxruntime-web' ? name : `pith-runtime, coded by \`${name}\``}`,
      String(files[name].length),
      median(times[name]).toFixed(1),
      Math.min(...times[name]).toFixed(1),
      name === 'onnxruntime-web' ? '' : `${(median(times['onnxruntime-web']) / median(times[name])).toFixed(1)}×`,
      name === 'onnxruntime-web' ? '' : error.toExponential(1),
    ]),
  ),
);
const load = `load average before: ${about.loadBefore.toFixed(1)} on ${about.cores} cores`;
const note = `${rounds} new pages for each, in turns; ${load}.`;
await writeResults(values.name, { machine: about, rounds, rows }, `# First result\n\n${table}\n${note}\n`);
