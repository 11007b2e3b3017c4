/**
 * Compression without retraining against NNCodec 2.1.3 at its best data-free settings: bytes at equal error of the output and at equal
 * top-1 agreement with the original, on any classifiers of one input.
 *
 *   npm run build && PYTHON=python3 node bench/run.mjs squeeze --networks FOLDER [--only vit] [--effort 5] [--samples none] [--octaves=-1,0,1] [--name NAME]
 *
 * FOLDER/NAME/model.onnx are the networks, FOLDER/test.npy what they are judged on and FOLDER/calibration/ the samples of the curves that
 * have them; a network's folder may hold its own of both. `bench/networks.ts` writes such a folder. PYTHON is an interpreter with nncodec,
 * numpy and onnx. Writes bench/results/NAME/NETWORK.json and .md for each network, and NAME.md, the ratios of all that are there.
 */
import { access, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { usualEffort } from '../packages/pith/dist/squeeze/effort.js';
import { judgeOf } from './squeeze/judge.js';
import { type OurCurve, ourCurve } from './squeeze/ours.js';
import { peerCurve } from './squeeze/peer.js';
import { type NetworkResult, networkTable, ratiosOf } from './squeeze/table.js';
import { readNpy } from './support/npy.js';
import { machine, readResults, writeResults, writeTable } from './support/results.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string' },
    only: { type: 'string', multiple: true },
    effort: { type: 'string', multiple: true, default: [String(usualEffort)] },
    samples: { type: 'string', multiple: true, default: ['none', 'given'] },
    octaves: { type: 'string', default: '-1.5,-0.75,0,0.75,1.5' },
    qps: { type: 'string', default: '-38,-36,-34,-32,-30,-28,-26,-24,-22,-20' },
    name: { type: 'string', default: 'squeeze' },
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
  },
});

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function measure(network: string, root: string): Promise<Omit<NetworkResult, 'machine'>> {
  const own = join(root, network);
  const beside = async (name: string): Promise<string> => ((await exists(join(own, name))) ? join(own, name) : join(root, name));
  const model = join(own, 'model.onnx');
  const folder = await mkdtemp(join(tmpdir(), 'pith-bench-'));
  try {
    const judge = await judgeOf(model, await readNpy(await beside('test.npy')));
    const peer = await peerCurve({ python: values.python, model, folder, qps: values.qps.split(','), judge });
    const ours: OurCurve[] = [];
    for (const effort of values.effort)
      for (const samples of values.samples) {
        const calibrate = samples === 'none' ? undefined : await beside('calibration');
        ours.push(
          await ourCurve({ model, folder, effort: Number(effort), calibrate, octaves: values.octaves.split(',').map(Number), judge }),
        );
      }
    return { network, bytes: (await stat(model)).size, peer, ours };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const root = values.networks;
  if (root === undefined) throw new Error('name the folder of the networks by --networks');
  const found: string[] = [];
  for (const name of (await readdir(root)).sort()) if (await exists(join(root, name, 'model.onnx'))) found.push(name);
  for (const name of found.filter((n) => values.only?.includes(n) ?? true)) {
    const at = machine();
    const result: NetworkResult = { machine: at, ...(await measure(name, root)) };
    await writeResults(`${values.name}/${name}`, result, networkTable(result));
  }
  await writeTable(values.name, ratiosOf(await readResults<NetworkResult>(values.name)));
}

await main();
