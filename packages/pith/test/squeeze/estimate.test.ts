import { expect, test } from 'vitest';
import { estimateSqueeze } from '../../src/squeeze/estimate.js';
import { lenet5 } from '../../src/zoo/lenet-5.js';
import { buildNetwork } from '../../src/zoo/network.js';
import { smallNetwork } from '../library/support.js';

const [small, large] = [smallNetwork(), buildNetwork(lenet5, { seed: 1 })];
const total = ({ seconds }: ReturnType<typeof estimateSqueeze>): number => seconds.preparing + seconds.eachRound;

test('More effort takes longer, and so does a larger model, which takes more memory', () => {
  const efforts = [0, 1, 3, 5, 9].map((effort) => total(estimateSqueeze(large, effort)));
  expect(efforts).toEqual([...efforts].sort((a, b) => a - b));
  expect(efforts[4]! / efforts[0]!).toBeGreaterThan(10);
  expect(total(estimateSqueeze(large, 5))).toBeGreaterThan(2 * total(estimateSqueeze(small, 5)));
  expect(estimateSqueeze(large, 5).memoryBytes).toBeGreaterThan(2.2 * 4 * 431_080);
});

test('The plan names for each tensor the method that its effort aims at', () => {
  const methods = (effort: number) => Object.fromEntries(estimateSqueeze(small, effort).plan.map(({ name, method }) => [name, method]));
  expect(methods(0)).toMatchObject({ 'fc1.weight': 'round', 'fc1.bias': 'exact' });
  expect(methods(1)).toMatchObject({ 'fc1.weight': 'trellis' });
  expect(methods(3)).toMatchObject({ 'fc1.weight': 'feedback' });
  expect(methods(5)).toMatchObject({ 'fc1.weight': 'two-sided feedback' });
});
