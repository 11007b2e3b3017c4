/** How many workers train where nobody says: by the network, the recipe and the batch. */
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { usualWorkers } from '../../src/library/workers.js';
import type { StepInput } from '../../src/recipe/recipe.js';
import { lenet5 } from '../../src/zoo/lenet-5.js';
import { buildNetwork } from '../../src/zoo/network.js';
import { resnet20 } from '../../src/zoo/resnet-20.js';
import { stripes } from '../train/tiny.js';

/** The largest power of two that the machine has cores for, up to 8; none on one core. */
const cores = 2 ** Math.floor(Math.log2(Math.min(availableParallelism(), 8)));
const all = cores > 1 ? cores : 0;

const lenet = buildNetwork(lenet5);
const resnet = buildNetwork(resnet20);
const data = stripes({ train: 1024 });

const file = (...steps: StepInput[]) => ({ version: 1 as const, name: 'by hand', steps: steps.map((s) => ({ ...s })) });
const rate = (more: object): StepInput => ({ use: 'rate', epochs: 1, lambda: 1e-6, ...more });

describe('workers where nobody says', () => {
  test.each<[string, Parameters<typeof usualWorkers>, number]>([
    ['deep-compression of LeNet-5', [lenet, data, 'deep-compression'], all],
    ['rated LeNet-5, whose steps are short', [lenet, data, 'rated'], 0],
    ['rated ResNet-20', [resnet, data, 'rated'], all],
    ['a step `rate` in units of steps', [resnet, data, file(rate({ normalized: {} }))], all],
    ['a step `rate` whose batch cannot be split evenly', [resnet, data, file(rate({ normalized: {}, batch: 127 }))], 0],
    ['fewer images than a batch, an odd number', [resnet, stripes({ train: 33 }), 'rated'], 0],
  ])('%s', (_, given, expected) => {
    expect(usualWorkers(...given)).toBe(expected);
  });
});
