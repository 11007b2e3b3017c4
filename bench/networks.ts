/**
 * Trains the networks that other benches compress, on CIFAR-10, and writes for each what those need: FOLDER/NAME/model.onnx, and beside the
 * folders FOLDER/test.npy, 2,000 test images as the networks want them, and FOLDER/calibration/, 256 training images without labels.
 *
 *   npm run build && node bench/run.mjs networks --data CIFAR10 --folder FOLDER [--only vit] [--seed 7]
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDataset } from '../packages/pith/dist/data/open.js';
import type { Dataset, Split } from '../packages/pith/dist/index.js';
import { train } from '../packages/pith/dist/library/runs.js';
import { countParameters } from '../packages/pith/dist/train/parameters.js';
import { buildNetwork } from '../packages/pith/dist/zoo/network.js';
import { networks } from './networks/list.js';
import { writeNpy } from './support/npy.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    folder: { type: 'string' },
    only: { type: 'string', multiple: true, default: networks.map((n) => n.name) },
    seed: { type: 'string', default: '7' },
  },
});
const preprocess = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: 'chw' } as const;

/** `count` images spread evenly over a split, as the networks want them. */
function images({ images: pixels, count: all, channels, height, width }: Split, count: number): Float32Array {
  const area = height * width;
  const size = channels * area;
  return Float32Array.from({ length: count * size }, (_, i) => {
    const image = Math.floor((Math.floor(i / size) * all) / count);
    const channel = Math.floor((i % size) / area);
    return (pixels[image * size + (i % size)]! * preprocess.scale - preprocess.mean[channel]!) / preprocess.std[channel]!;
  });
}

async function writeInputs({ train: seen, test }: Dataset, folder: string): Promise<void> {
  const { channels, height, width } = test;
  await mkdir(join(folder, 'calibration'), { recursive: true });
  await writeNpy(join(folder, 'test.npy'), { dims: [2000, channels, height, width], data: images(test, 2000) });
  const size = channels * height * width;
  const given = images(seen, 256);
  for (let i = 0; i < 256; i++)
    await writeNpy(join(folder, 'calibration', `${String(i).padStart(3, '0')}.npy`), {
      dims: [1, channels, height, width],
      data: given.subarray(i * size, (i + 1) * size),
    });
}

async function main(): Promise<void> {
  const { data, folder, seed } = values;
  if (data === undefined || folder === undefined) throw new Error('name the data by --data and where to write by --folder');
  const opened = await openDataset(data);
  await writeInputs(opened, folder);
  for (const network of networks.filter((n) => values.only.includes(n.name))) {
    const model = buildNetwork(network, { seed: Number(seed) });
    if (countParameters(model) !== network.parameters) throw new Error(`${network.name} has ${countParameters(model)} parameters`);
    const output = join(folder, network.name, 'model.onnx');
    await mkdir(join(folder, network.name), { recursive: true });
    const result = await train({ model, data: opened, preprocess, seed: Number(seed), plan: network.training, output });
    const { size } = await stat(output);
    process.stdout.write(`${JSON.stringify({ network: network.name, bytes: size, error: result.error.after, seconds: result.seconds })}\n`);
  }
}

await main();
