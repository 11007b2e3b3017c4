/**
 * Trains the networks that other benches compress, on CIFAR-10 at 16×16, and writes for each what those need: FOLDER/NAME/model.onnx, and beside the
 * folders FOLDER/test.npy, 2,000 test images as the networks want them, and FOLDER/calibration/, 256 training images without labels.
 *
 *   npm run build && node bench/run.mjs networks --data CIFAR10 --folder FOLDER [--only vit] [--images 50000] [--threads 2] [--seed 7]
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Dataset, pixelsOf, type Split } from '../packages/pith/dist/data/dataset.js';
import { openDataset } from '../packages/pith/dist/data/open.js';
import { train } from '../packages/pith/dist/library/runs.js';
import { countParameters } from '../packages/pith/dist/train/parameters.js';
import { buildNetwork } from '../packages/pith/dist/zoo/network.js';
import { networks } from './networks/list.js';
import { image } from './networks/training.js';
import { writeNpy } from './support/npy.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    folder: { type: 'string' },
    only: { type: 'string', multiple: true, default: networks.map((n) => n.name) },
    images: { type: 'string', default: '50000' },
    threads: { type: 'string', default: '0' },
    seed: { type: 'string', default: '7' },
  },
});
const preprocess = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: 'chw' } as const;

/** `count` images spread evenly over a split. */
function spread(split: Split, count: number): Split {
  const size = pixelsOf(split);
  const images = new Uint8Array(count * size);
  const labels = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * split.count) / count);
    images.set(split.images.subarray(from * size, (from + 1) * size), i * size);
    labels[i] = split.labels[from]!;
  }
  return { ...split, count, images, labels };
}

/** As the networks want them. */
function normalized({ images, channels, height, width }: Split): Float32Array {
  const area = height * width;
  const { scale, mean, std } = preprocess;
  return Float32Array.from(images, (pixel, i) => {
    const channel = Math.floor(i / area) % channels;
    return (pixel * scale - mean[channel]!) / std[channel]!;
  });
}

async function writeInputs({ train: seen, test }: Dataset, folder: string): Promise<void> {
  const { channels, height, width } = test;
  await mkdir(join(folder, 'calibration'), { recursive: true });
  await writeNpy(join(folder, 'test.npy'), { dims: [2000, channels, height, width], data: normalized(spread(test, 2000)) });
  const size = pixelsOf(test);
  const given = normalized(spread(seen, 256));
  for (let i = 0; i < 256; i++)
    await writeNpy(join(folder, 'calibration', `${String(i).padStart(3, '0')}.npy`), {
      dims: [1, channels, height, width],
      data: given.subarray(i * size, (i + 1) * size),
    });
}

async function main(): Promise<void> {
  const { data, folder, seed } = values;
  if (data === undefined || folder === undefined) throw new Error('name the data by --data and where to write by --folder');
  const whole = await openDataset(data, { size: image.height });
  await writeInputs(whole, folder);
  const opened = { ...whole, train: spread(whole.train, Number(values.images)), test: spread(whole.test, 2000) };
  for (const network of networks.filter((n) => values.only.includes(n.name))) {
    const model = buildNetwork(network, { seed: Number(seed) });
    if (countParameters(model) !== network.parameters) throw new Error(`${network.name} has ${countParameters(model)} parameters`);
    const output = join(folder, network.name, 'model.onnx');
    await mkdir(join(folder, network.name), { recursive: true });
    const result = await train({
      model,
      data: opened,
      preprocess,
      seed: Number(seed),
      plan: network.training,
      threads: Number(values.threads),
      workers: 0,
      output,
    });
    const { size } = await stat(output);
    process.stdout.write(`${JSON.stringify({ network: network.name, bytes: size, error: result.error.after, seconds: result.seconds })}\n`);
  }
}

await main();
