import type { Case } from '../case.js';
import { int } from '../ints.js';

const float = (x: number) => ({ dims: [], values: [x], constant: true });

export const cases: readonly Case[] = [
  { title: 'upwards', inputs: [int(1), int(8), int(3)] },
  { title: 'downwards, opset 13', opset: 13, inputs: [int(5), int(0), int(-2)] },
  { title: 'nothing', inputs: [int(5), int(0), int(1)] },
  { title: 'floats', inputs: [float(0), float(1), float(0.25)] },
];
