import type { Case, CaseInput } from '../case.js';

/** Image, scale, bias, mean, variance. */
const inputs = (dims: readonly number[]): CaseInput[] => {
  const channels = [dims[1]!];
  return [{ dims }, { dims: channels }, { dims: channels }, { dims: channels }, { dims: channels, range: [0.5, 2] }];
};
const training = { training_mode: 1 };
const learned = [0, 1, 2];

export const cases: readonly Case[] = [
  { title: 'inference', inputs: inputs([2, 3, 2, 3]) },
  { title: 'inference, opset 13, epsilon', opset: 13, inputs: inputs([2, 2, 3, 2]), attributes: { epsilon: { float: 0.1 } } },
  { title: 'inference of features without spatial axes', inputs: inputs([4, 3]) },
  { title: 'inference along one spatial axis, no training_mode', opset: 15, inputs: inputs([2, 2, 5]), attributes: { training_mode: 0 } },
  {
    title: 'training, outputs are the batch statistics',
    inputs: inputs([3, 2, 2, 3]),
    attributes: { ...training, momentum: { float: 0 } },
    outputs: 3,
    gradient: learned,
  },
  {
    title: 'training, statistics not asked for',
    noRuntime: 'it wants all three outputs in training mode',
    inputs: inputs([3, 2, 2, 2]),
    attributes: { ...training, momentum: { float: 0 } },
    gradient: learned,
  },
  { title: 'training, running statistics', opset: 14, inputs: inputs([3, 2, 3, 2]), attributes: training, outputs: 3, gradient: learned },
  {
    title: 'training, running statistics, opset 15',
    opset: 15,
    inputs: inputs([4, 2, 3]),
    attributes: { ...training, momentum: { float: 0.5 }, epsilon: { float: 0.01 } },
    outputs: 3,
    gradient: learned,
  },
  {
    title: 'training of features without spatial axes',
    inputs: inputs([5, 3]),
    attributes: { ...training, momentum: { float: 0 } },
    outputs: 3,
    gradient: learned,
  },
];
