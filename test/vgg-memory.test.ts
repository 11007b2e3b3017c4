import { expect, test } from 'vitest';
import { activationBytes, evaluationMemory, trainingMemory, vgg16, weightBytes } from '../bench/convolution/vgg.js';

const mebi = 2 ** 20;
const layer = (name: string) => {
  const found = vgg16.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

test('VGG-16 has 138 million weights in 16 layers', () => {
  const weighted = vgg16.filter(({ kind }) => kind !== 'pool');
  expect(weighted).toHaveLength(16);
  expect(vgg16.reduce((total, each) => total + weightBytes(each) / 4, 0)).toBe(138_344_128);
});

test('its first fully connected layer takes 392 MB, its first activation 12.3 MB', () => {
  expect(weightBytes(layer('fc6')) / mebi).toBe(392);
  expect((activationBytes(layer('conv1_1')) / mebi).toFixed(2)).toBe('12.25');
  expect(activationBytes(layer('conv1_1'))).toBe(64 * 224 * 224 * 4);
});

test('evaluation holds all weights and two activations, training three of each weight and two of each activation', () => {
  expect(evaluationMemory(1).weights / mebi).toBeCloseTo(527.7, 1);
  expect(evaluationMemory(1).activations).toBe(2 * activationBytes(layer('conv1_1')));
  expect(trainingMemory(1).weights).toBe(3 * evaluationMemory(1).weights);
  expect(trainingMemory(32).activations).toBe(32 * trainingMemory(1).activations);
  const all = vgg16.reduce((total, each) => total + activationBytes(each), 0);
  expect(trainingMemory(1).activations).toBe(2 * all + 4 * 3 * 224 * 224);
});
