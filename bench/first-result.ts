/**
 * How soon a compressed LeNet-5 gives its first result in Chromium, against onnxruntime-web on the float model: from the bytes of the file,
 * which are there, to the numbers. Each time a new page, in turns; onnxruntime-web's Wasm is in the browser's cache, and the JavaScript of
 * both is loaded before. Weights are random: at the densities of Deep Compression, and with the layers and levels of a LeNet-5 that was
 * trained against its bytes. In Node the same is part of bench/inference.ts.
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
import { readPith, toModel, type UniformStored, writePith } from '../packages/runtime/dist/index.js';
import { writeOnnx } from '../packages/runtime/dist/onnx.js';
import { type Served, serveFile } from '../packages/runtime/test/help/file-server.js';
import { floats, lenet5, random, type Sample } from '../packages/runtime/test/help/models.js';
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
const theirs = `
    import * as ort from 'onnxruntime-web/wasm';
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = { wasm: '/ort.wasm' };
    const first = async (bytes, image) => {
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      return (await session.run({ image: new ort.Tensor('float32', image, [1, 1, 28, 28]) })).logits.data;
    };`;
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
type Ask = (subject: Subject) => Promise<Timed>;

/** LeNet-5 with fewer units, integers for weights, most of them zero: what `--recipe rated` makes in about two kilobytes. */
function rated(): Sample {
  const next = random(5);
  const { model } = lenet5();
  const stored = new Map<string, UniformStored>();
  const weight = (name: string, dims: readonly number[], density: number): void => {
    const levels = Int32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => (next() < density ? Math.round(8 * next() - 4) : 0));
    const [rows = 1, columns = 1, ...kernel] = dims.length > 1 ? dims : [1, ...dims];
    const view = { rows, columns, positions: kernel.reduce((a, b) => a * b, 1), transposed: false };
    stored.set(name, {
      kind: 'uniform',
      dtype: 'float32',
      dims,
      view,
      grid: 'scalar',
      step: -64,
      levels,
      rowSteps: null,
      columnSteps: null,
    });
  };
  weight('conv1.weight', [9, 1, 5, 5], 0.9);
  weight('conv1.bias', [9], 0.9);
  weight('conv2.weight', [14, 9, 5, 5], 0.35);
  weight('conv2.bias', [14], 0.9);
  weight('fc1.weight', [45, 224], 0.2);
  weight('fc1.bias', [45], 0.2);
  weight('fc2.weight', [10, 45], 0.85);
  weight('fc2.bias', [10], 0.2);
  const initializers = new Map([...stored].map(([name, { dims }]) => [name, floats(dims, next)]));
  return { model: { ...model, graph: { ...model.graph, initializers } }, stored };
}

interface Subject {
  readonly name: string;
  readonly program: string;
  readonly file: Uint8Array;
  /** On the same weights as floats. */
  readonly rival: string | undefined;
}

const coded = (sample: Sample, coder: 'huffman' | 'mix'): Uint8Array => writePith({ ...sample, coder }).bytes;
const asOnnx = (file: Uint8Array): Uint8Array => writeOnnx(toModel(readPith(file)));
const [pruned, small] = [lenet5(), rated()];
const [floating, floatingSmall] = ['onnxruntime-web', 'onnxruntime-web, trained against bytes'];
const subjects: readonly Subject[] = [
  { name: 'pith-runtime, coded by `huffman`', program: ours, file: coded(pruned, 'huffman'), rival: floating },
  { name: 'pith-runtime, coded by `mix`', program: ours, file: coded(pruned, 'mix'), rival: floating },
  { name: floating, program: theirs, file: asOnnx(coded(pruned, 'mix')), rival: undefined },
  { name: 'pith-runtime, trained against bytes, coded by `mix`', program: ours, file: coded(small, 'mix'), rival: floatingSmall },
  { name: floatingSmall, program: theirs, file: asOnnx(coded(small, 'mix')), rival: undefined },
];
const image = Array.from({ length: 784 }, random(4));

async function inChromium(browser: Browser): Promise<{ ask: Ask; close(): Promise<void> }> {
  const cached = { 'cache-control': 'public, max-age=3600' };
  const bundled = async ({ program }: Subject, path: string): Promise<Uint8Array> => {
    const contents = `${program}${measured}
      const bytes = new Uint8Array(await (await fetch('${path}.bin')).arrayBuffer());
      globalThis.run = (image) => timed(bytes, image);`;
    const stdin = { contents, resolveDir: root };
    const result = await build({ stdin, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false, logLevel: 'error' });
    return result.outputFiles[0]!.contents;
  };
  const wasm = readFileSync(join(root, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'));
  const served = new Map<string, Served>([['/ort.wasm', { file: wasm, type: 'application/wasm', headers: cached }]]);
  for (const [i, subject] of subjects.entries()) {
    const path = `/${i}`;
    served.set(path, {
      file: new TextEncoder().encode(`<!doctype html><title>pith</title><script type="module" src="${path}.js"></script>`),
      type: 'text/html',
      headers: cached,
    });
    served.set(`${path}.js`, { file: await bundled(subject, path), type: 'text/javascript', headers: cached });
    served.set(`${path}.bin`, { file: subject.file, type: 'application/octet-stream', headers: cached });
  }
  const site = await serveFile((_, path) => served.get(path) ?? { file: new Uint8Array(0), status: 404 });
  const context = await browser.newContext();
  const ask: Ask = async (subject) => {
    const page = await openApp(context, `${site.address}/${subjects.indexOf(subject)}`);
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
    const errors = new Map<string, number>();
    for (const subject of subjects.filter(({ rival }) => rival !== undefined)) {
      const expected = (await ask(subjects.find(({ name }) => name === subject.rival)!)).logits;
      const scale = Math.max(...expected.map(Math.abs));
      const error = Math.max(...(await ask(subject)).logits.map((x, i) => Math.abs(x - expected[i]!))) / scale;
      if (!(error <= 1e-4)) throw new Error(`${host}, ${subject.name}: outputs differ by ${error}`);
      errors.set(subject.name, error);
    }
    const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (let i = 0; i < subjects.length; i++) {
        const subject = subjects[(round + i) % subjects.length]!;
        times.get(subject.name)!.push((await ask(subject)).milliseconds);
      }
    return { host, errors, times };
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
  rows.flatMap(({ host, times, errors }) =>
    subjects.map(({ name, file, rival }) => [
      `${host}: ${name}`,
      String(file.length),
      median(times.get(name)!).toFixed(1),
      Math.min(...times.get(name)!).toFixed(1),
      rival === undefined ? '' : `${(median(times.get(rival)!) / median(times.get(name)!)).toFixed(1)}×`,
      errors.get(name)?.toExponential(1) ?? '',
    ]),
  ),
);
const load = `load average before: ${about.loadBefore.toFixed(1)} on ${about.cores} cores`;
const note = `${rounds} new pages for each, in turns; ${load}.`;
const told = rows.map(({ host, times, errors }) => ({ host, errors: Object.fromEntries(errors), times: Object.fromEntries(times) }));
await writeResults(values.name, { machine: about, rounds, rows: told }, `# First result\n\n${table}\n${note}\n`);
