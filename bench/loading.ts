/**
 * Memory of pith-runtime: the most that a process takes while a file of 20 MB is loaded, and what is left of thousands of models that were
 * loaded, run and disposed of one after the other. Each in a process of its own.
 *
 *   npm run build && node bench/run.mjs loading [--cycles 10000] [--name loading]
 *
 * Writes bench/results/NAME.json and NAME.md.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { load, writePith } from '../packages/runtime/dist/index.js';
import { toOnnx } from '../packages/runtime/dist/onnx.js';
import { lenet300, random } from '../packages/runtime/test/help/models.js';
import { largeFile } from '../test/support/large-file.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '10000' },
    name: { type: 'string', default: 'loading' },
    part: { type: 'string' },
    file: { type: 'string', default: '' },
  },
});
const cycles = Number(values.cycles);
const peak = (): number => process.resourceUsage().maxRSS * 1024;

interface Peak {
  /** Bytes that the process took at most before it began, and in all. */
  readonly before: number;
  readonly most: number;
  /** Of the result: the heap of the model, or the ONNX file. */
  readonly kept: number;
}

interface Left {
  readonly cycles: number;
  readonly resident: number;
  /** JavaScript's heap, and all arrays and WebAssembly memories. */
  readonly heap: number;
  readonly arrays: number;
}

const parts = {
  /** From a file: address, whose bytes come in pieces. */
  async load(): Promise<Peak> {
    const before = peak();
    const { memory } = await load(pathToFileURL(values.file));
    return { before, most: peak(), kept: memory.weights + memory.arena };
  },
  async bytes(): Promise<Peak> {
    const before = peak();
    const { memory } = await load(new Uint8Array(readFileSync(values.file)));
    return { before, most: peak(), kept: memory.weights + memory.arena };
  },
  async onnx(): Promise<Peak> {
    const before = peak();
    const { length } = await toOnnx(pathToFileURL(values.file));
    return { before, most: peak(), kept: length };
  },
  async cycles(): Promise<Left[]> {
    const bytes = new Uint8Array(readFileSync(values.file));
    const image = Float32Array.from({ length: 784 }, random(2));
    const seen: Left[] = [];
    for (let i = 1; i <= cycles; i++) {
      const model = await load(bytes);
      await model.run({ image });
      model.dispose();
      if (i % (cycles / 10) !== 0) continue;
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
      const { rss, heapUsed, external } = process.memoryUsage();
      seen.push({ cycles: i, resident: rss, heap: heapUsed, arrays: external });
    }
    return seen;
  },
};
type Part = keyof typeof parts;

async function inProcess<P extends Part>(part: P, file: string): Promise<Awaited<ReturnType<(typeof parts)[P]>>> {
  const words = ['--expose-gc', process.argv[1]!, '--part', part, '--file', file, '--cycles', String(cycles)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Awaited<ReturnType<(typeof parts)[P]>>;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pith-loading-'));
  try {
    const large = join(folder, 'large.pith');
    const small = join(folder, 'small.pith');
    writeFileSync(large, largeFile());
    writeFileSync(small, writePith({ ...lenet300(), coder: 'huffman' }).bytes);
    const fileBytes = statSync(large).size;
    const peaks = { load: await inProcess('load', large), bytes: await inProcess('bytes', large), onnx: await inProcess('onnx', large) };
    const left = await inProcess('cycles', small);
    const names: Readonly<Record<keyof typeof peaks, string>> = {
      load: '`load`, the file coming in pieces',
      bytes: '`load`, the file in memory',
      onnx: '`toOnnx`, the file coming in pieces',
    };
    const most = markdown(
      ['', 'kept MB', 'most MB above the start', 'of kept'],
      (Object.keys(peaks) as (keyof typeof peaks)[]).map((part) => {
        const { before, most, kept } = peaks[part];
        return [names[part], megabytes(kept), megabytes(most - before), `${((most - before) / kept).toFixed(2)}×`];
      }),
    );
    const growth = markdown(
      ['cycles', 'resident MB', 'heap MB', 'arrays and WebAssembly MB'],
      left.map((l) => [String(l.cycles), megabytes(l.resident), megabytes(l.heap), megabytes(l.arrays)]),
    );
    await writeResults(
      values.name,
      { machine: machine(), fileBytes, peaks, left },
      `# Memory of pith-runtime\n\nA file of ${megabytes(fileBytes)} MB, five layers of 2048 × 2048 shared weights:\n\n${most}\nA LeNet-300-100 loaded, run and disposed of, again and again, after a collection of garbage:\n\n${growth}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.part === undefined) await main();
else process.stdout.write(JSON.stringify(await parts[values.part as Part]()));
