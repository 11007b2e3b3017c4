import type { Case } from '../case.js';

const half = { kernel_shape: [2, 2], strides: [2, 2] };

export const cases: readonly Case[] = [
  { title: 'halves both axes', inputs: [{ dims: [2, 3, 4, 6] }], attributes: half },
  { title: 'equal elements', inputs: [{ dims: [1, 1, 4, 4], values: [1, 1, 1, 1] }], attributes: half, gradient: [] },
  { title: 'gives the indices', inputs: [{ dims: [2, 2, 4, 4] }], attributes: half, outputs: 2 },
  {
    title: 'gives the indices column by column',
    inputs: [{ dims: [2, 1, 4, 6] }],
    attributes: { ...half, storage_order: 1 },
    outputs: 2,
    gradient: [],
  },
  { title: 'odd sizes leave a rest', inputs: [{ dims: [1, 2, 5, 7] }], attributes: half },
  { title: 'odd sizes, ceil_mode', inputs: [{ dims: [1, 2, 5, 7] }], attributes: { ...half, ceil_mode: 1 } },
  {
    title: 'one axis with a rest, one beyond the end',
    inputs: [{ dims: [1, 2, 7, 8] }],
    attributes: { kernel_shape: [2, 3], strides: [3, 3], ceil_mode: 1 },
  },
  { title: 'overlapping windows (AlexNet)', inputs: [{ dims: [2, 2, 7, 7] }], attributes: { kernel_shape: [3, 3], strides: [2, 2] } },
  {
    title: 'overlapping windows, ceil_mode (SqueezeNet)',
    inputs: [{ dims: [1, 2, 6, 6] }],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  },
  { title: 'padding', inputs: [{ dims: [1, 2, 6, 5] }], attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
  {
    title: 'padding without overlap',
    inputs: [{ dims: [1, 2, 5, 5] }],
    attributes: { kernel_shape: [3, 3], strides: [3, 3], pads: [1, 0, 1, 1] },
  },
  { title: 'dilated', opset: 22, inputs: [{ dims: [1, 1, 6, 7] }], attributes: { kernel_shape: [2, 3], dilations: [2, 2] } },
  { title: 'stride 1 by default', inputs: [{ dims: [1, 1, 4, 4] }], attributes: { kernel_shape: [2, 2] } },
  {
    title: 'auto_pad SAME_UPPER',
    inputs: [{ dims: [1, 1, 5, 5] }],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  {
    title: 'auto_pad SAME_LOWER',
    inputs: [{ dims: [1, 1, 5, 5] }],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_LOWER' },
  },
  { title: 'one spatial axis', inputs: [{ dims: [2, 2, 6] }], attributes: { kernel_shape: [2], strides: [2] } },
  { title: 'three spatial axes', inputs: [{ dims: [1, 1, 4, 4, 4] }], attributes: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] } },
];
