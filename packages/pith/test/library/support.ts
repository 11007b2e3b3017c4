/** Digits in the files of MNIST's form, a small network for them, and folders that go away again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../../src/base/tensor.js';
import type { Split } from '../../src/data/dataset.js';
import { syntheticDigits } from '../../src/data/synthetic.js';
import type { RecipeInput } from '../../src/recipe/recipe.js';
import { lenet300 } from '../../src/zoo/lenet-300-100.js';
import { buildNetwork } from '../../src/zoo/network.js';

export const digits = syntheticDigits({ train: 200, test: 60 });

/** 784 → 12 → 10. */
export const smallNetwork = (): Model =>
  buildNetwork(
    {
      ...lenet300,
      name: 'small',
      build: (l, image, n) => l.full(l.relu(l.full(l.flatten(image, 'flat'), { name: 'fc1', out: 12 }), 'relu'), { name: 'fc2', out: n }),
    },
    { seed: 2 },
  );

export const recipe: RecipeInput = {
  version: 1,
  name: 'small',
  steps: [
    { use: 'train', epochs: 2, batch: 40, rate: 0.05 },
    { use: 'prune', threshold: { scope: 'global', density: 0.2 } },
    { use: 'train', epochs: 1, batch: 40, rate: 0.03 },
    { use: 'share', bits: 3, initialisation: 'density' },
    { use: 'train', epochs: 1, batch: 40, rate: 0.001, optimizer: 'adam' },
  ],
};

function idx(type: number, dims: readonly number[], data: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  head.setUint32(0, (type << 8) | dims.length);
  for (const [i, d] of dims.entries()) head.setUint32(4 + 4 * i, d);
  return Buffer.concat([new Uint8Array(head.buffer), data]);
}

/** Writes the four files of MNIST. */
export async function writeIdx(folder: string, data = digits): Promise<void> {
  const write = async (part: string, { images, labels, count }: Split) => {
    await writeFile(join(folder, `${part}-images-idx3-ubyte`), idx(8, [count, 28, 28], images as Uint8Array));
    await writeFile(join(folder, `${part}-labels-idx1-ubyte`), idx(8, [count], Uint8Array.from(labels)));
  };
  await write('train', data.train);
  await write('t10k', data.test);
}

/** Runs `body` with a new folder. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-test-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
