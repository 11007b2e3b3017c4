import type { Case } from '../case.js';

const third = { kernel_shape: [3, 3], strides: [2, 2] };

export const cases: readonly Case[] = [
  { title: 'halves both axes', inputs: [{ dims: [2, 3, 4, 6] }], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { title: 'overlapping windows', inputs: [{ dims: [1, 2, 7, 5] }], attributes: third },
  { title: 'a rest that no window meets', inputs: [{ dims: [1, 2, 6, 8] }], attributes: third },
  { title: 'padding does not count', inputs: [{ dims: [1, 2, 5, 4] }], attributes: { ...third, pads: [1, 1, 1, 0] } },
  { title: 'padding counts', inputs: [{ dims: [1, 2, 5, 4] }], attributes: { ...third, pads: [1, 1, 1, 0], count_include_pad: 1 } },
  { title: 'ceil_mode', inputs: [{ dims: [1, 2, 6, 6] }], attributes: { ...third, ceil_mode: 1 } },
  {
    title: 'ceil_mode, padding counts',
    opset: 19,
    inputs: [{ dims: [1, 2, 6, 6] }],
    attributes: { ...third, ceil_mode: 1, pads: [1, 1, 1, 1], count_include_pad: 1 },
  },
  { title: 'dilated', opset: 19, inputs: [{ dims: [1, 2, 6, 7] }], attributes: { kernel_shape: [2, 3], dilations: [2, 2] } },
  { title: 'auto_pad SAME_UPPER', opset: 22, inputs: [{ dims: [1, 1, 5, 6] }], attributes: { ...third, auto_pad: 'SAME_UPPER' } },
  { title: 'auto_pad SAME_LOWER', opset: 13, inputs: [{ dims: [1, 1, 5, 6] }], attributes: { ...third, auto_pad: 'SAME_LOWER' } },
  { title: 'one spatial axis', inputs: [{ dims: [2, 2, 6] }], attributes: { kernel_shape: [3] } },
  { title: 'three spatial axes', inputs: [{ dims: [1, 2, 4, 3, 4] }], attributes: { kernel_shape: [2, 2, 2], strides: [2, 1, 2] } },
];
