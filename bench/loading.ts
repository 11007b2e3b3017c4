/**
 * Memory of pith-runtime: the most that a process takes while a file of 20 MB is loaded, or written as ONNX. Each in a process of its own.
 * What is left of many models is measured by bench/cycles.ts.
 *
 *   npm run build && node bench/run.mjs loading [--name loading]
 *
 * Writes bench/results/NAME.json and NAME.md.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { load } from '../packages/runtime/dist/index.js';
import { toOnnx } from '../packages/runtime/dist/onnx.js';
import { largeFile } from '../test/support/large-file.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'loading' },
    part: { type: 'string' },
    file: { type: 'string', default: '' },
  },
});
const peak = (): number => process.resourceUsage().maxRSS * 1024;

interface Peak {
  /** Bytes that the process took at most before it began, and in all. */
  readonly before: number;
  readonly most: number;
  /** Of the result: the heap of the model, or the ONNX file. */
  readonly kept: number;
}

const parts = {
  /** From a file: address, whose bytes come in pieces. */
  async load(): Promise<Peak> {
    const before = peak();
    const { memory } = await load(pathToFileURL(values.file), { threads: 1 });
    return { before, most: peak(), kept: memory.weights + memory.arena };
  },
  async bytes(): Promise<Peak> {
    const before = peak();
    const { buffer, byteOffset, length } = readFileSync(values.file);
    const { memory } = await load(new Uint8Array(buffer, byteOffset, length), { threads: 1 });
    return { before, most: peak(), kept: memory.weights + memory.arena };
  },
  async onnx(): Promise<Peak> {
    const before = peak();
    const { length } = await toOnnx(pathToFileURL(values.file));
    return { before, most: peak(), kept: length };
  },
};
type Part = keyof typeof parts;

/** The worst of three: when garbage is collected is up to the machine. */
async function inProcess(part: Part, file: string): Promise<Peak> {
  const seen: Peak[] = [];
  for (let i = 0; i < 3; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [process.argv[1]!, '--part', part, '--file', file]);
    seen.push(JSON.parse(stdout) as Peak);
  }
  return seen.reduce((a, b) => (b.most - b.before > a.most - a.before ? b : a));
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pith-loading-'));
  try {
    const large = join(folder, 'large.pith');
    writeFileSync(large, largeFile());
    const fileBytes = statSync(large).size;
    const peaks = { load: await inProcess('load', large), bytes: await inProcess('bytes', large), onnx: await inProcess('onnx', large) };
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
    await writeResults(
      values.name,
      { machine: machine(), fileBytes, peaks },
      `# Memory of pith-runtime\n\nA file of ${megabytes(fileBytes)} MB, five layers of 2048 × 2048 shared weights:\n\n${most}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.part === undefined) await main();
else process.stdout.write(JSON.stringify(await parts[values.part as Part]()));
