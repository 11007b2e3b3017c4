/**
 * Decoding on one thread, in Node and in a page of Chromium, beside NNCodec in the same run: a squeezed network and a large generated layer,
 * each coded by `rans` and by `mix`. Timed is all of reading the file, checksums among it, up to the integers and the
 * codebooks: processor time in Node and for NNCodec, in a page, which cannot know that, the time on the wall.
 *
 *   npm run build && PYTHON=python3 node bench/run.mjs speed --model MODEL.onnx [--rounds 5] [--name NAME]
 *
 * PYTHON is an interpreter with nncodec, numpy and onnx. Writes bench/results/NAME.json and NAME.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { noiseSamples } from '../packages/pith/dist/calibrate/noise.js';
import { onnxruntimeNode } from '../packages/pith/dist/engine/onnxruntime-node.js';
import { loadModel } from '../packages/pith/dist/onnx/file.js';
import { prepareSqueeze } from '../packages/pith/dist/squeeze/squeeze.js';
import { dimsOfStored } from '../packages/runtime/dist/format/stored.js';
import { type CoderChoice, readPith, sizeOf, type WritePithOptions, writePith } from '../packages/runtime/dist/index.js';
import { type OpenPage, openPage, type ServedFile } from '../test/support/page.js';
import { largeLayer } from './speed/levels.js';
import { peerCurve } from './squeeze/peer.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    name: { type: 'string', default: 'speed' },
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
  },
});
const coders: readonly CoderChoice[] = ['rans', 'mix'];
const rounds = Number(values.rounds);

interface Row {
  readonly what: string;
  readonly by: string;
  readonly bytes: number;
  readonly weights: number;
  /** Of the quickest round: other work on the machine only ever makes it slower. */
  readonly seconds: number;
}

interface Case {
  readonly what: string;
  readonly weights: number;
  readonly files: readonly { readonly coder: string; readonly bytes: Uint8Array }[];
}

function caseOf(what: string, options: WritePithOptions & Required<Pick<WritePithOptions, 'stored'>>): Case {
  const weights = [...options.stored.values()].reduce((sum, stored) => sum + sizeOf(dimsOfStored(stored)), 0);
  return { what, weights, files: coders.map((coder) => ({ coder, bytes: writePith({ ...options, coder }).bytes })) };
}

async function squeezed(path: string): Promise<Case> {
  const model = await loadModel(path);
  const seed = 7;
  const samples = noiseSamples({ model, count: 8, seed });
  const prepared = await prepareSqueeze({ model, engine: onnxruntimeNode, threads: 0, effort: 2, samples, seed });
  return caseOf(basename(path), { model: prepared.model, stored: await prepared.quantize(prepared.constants.usual) });
}

/** Processor time, as for NNCodec: a busy machine stretches the time on the wall. */
function inNode(bytes: Uint8Array): number {
  const before = process.cpuUsage();
  readPith(bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const script = `
  import { readPith } from '../packages/runtime/dist/index.js';
  globalThis.run = async (address) => {
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    const began = performance.now();
    readPith(bytes);
    return (performance.now() - began) / 1000;
  };
`;

/** Round after round, so that all meet the same machine. */
async function measure(cases: readonly Case[], { page }: OpenPage): Promise<Row[]> {
  const files = cases.flatMap(({ what, weights, files }) => files.map((file) => ({ what, weights, ...file })));
  const best = new Map<string, Row>();
  for (let round = 0; round < rounds; round++)
    for (const { what, coder, bytes, weights } of files) {
      const times = {
        'in Node': inNode(bytes),
        'in Chromium': (await page.evaluate(`run(${JSON.stringify(`/${what}.${coder}`)})`)) as number,
      };
      for (const [where, seconds] of Object.entries(times)) {
        const by = `${coder} ${where}`;
        const known = best.get(what + by);
        if (!known || seconds < known.seconds) best.set(what + by, { what, by, bytes: bytes.length, weights, seconds });
      }
    }
  return [...best.values()];
}

async function peer(model: string): Promise<Row> {
  const folder = await mkdtemp(`${tmpdir()}/pith-bench-`);
  try {
    const judge = async () => ({ error: 0, agreement: 1 });
    const qps = Array.from({ length: rounds }, () => '-26');
    const { points, weights, version } = await peerCurve({ python: values.python, model, folder, qps, judge });
    const { bytes } = points[0]!;
    const seconds = Math.min(...points.map((p) => p.decodeSeconds));
    return { what: basename(model), by: `NNCodec ${version}, qp -26`, bytes, weights, seconds };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { model } = values;
  if (model === undefined) throw new Error('name the network by --model');
  const at = machine();
  const cases = [await squeezed(model), caseOf('4096 × 4096 generated', largeLayer(1))];
  const served = cases.flatMap(({ what, files }) =>
    files.map(({ coder, bytes }): [string, ServedFile] => [encodeURI(`/${what}.${coder}`), ['application/vnd.pith', bytes]]),
  );
  // From bench/dist/: what the page imports is resolved from bench/.
  const opened = await openPage(script, fileURLToPath(new URL('..', import.meta.url)), new Map(served));
  try {
    const rows = [await peer(model), ...(await measure(cases, opened)), await peer(model)];
    const table = markdown(
      ['network', 'decoder', 'bytes', 'bits per weight', 'million weights/s'],
      rows.map(({ what, by, bytes, weights, seconds }) => [
        what,
        by,
        String(bytes),
        ((8 * bytes) / weights).toFixed(2),
        (weights / seconds / 1e6).toFixed(1),
      ]),
    );
    await writeResults(values.name, { machine: at, rows }, table);
  } finally {
    await opened.close();
  }
}

await main();
