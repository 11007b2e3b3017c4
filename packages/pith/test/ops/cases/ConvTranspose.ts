import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'stride 1, bias', inputs: [{ dims: [2, 2, 3, 4] }, { dims: [2, 3, 3, 3] }, { dims: [3] }] },
  {
    title: 'doubles the size',
    inputs: [{ dims: [1, 2, 3, 3] }, { dims: [2, 2, 3, 3] }],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  },
  { title: 'kernel smaller than the stride', inputs: [{ dims: [1, 2, 3, 2] }, { dims: [2, 2, 2, 1] }], attributes: { strides: [3, 2] } },
  {
    title: 'two groups, dilated',
    inputs: [{ dims: [1, 4, 3, 3] }, { dims: [4, 3, 2, 2] }, { dims: [6] }],
    attributes: { group: 2, dilations: [2, 3] },
  },
  {
    title: 'output_padding of more than a stride',
    noRuntime: 'it wants output_padding below the stride',
    inputs: [{ dims: [1, 1, 3, 3] }, { dims: [1, 2, 2, 2] }],
    attributes: { dilations: [3, 3], output_padding: [2, 1] },
  },
  {
    title: 'an output shape',
    inputs: [{ dims: [1, 2, 3, 3] }, { dims: [2, 1, 3, 3] }],
    attributes: { strides: [2, 2], output_shape: [6, 5] },
  },
  {
    title: 'auto_pad SAME_UPPER',
    inputs: [{ dims: [1, 1, 3, 3] }, { dims: [1, 2, 3, 2] }],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  {
    title: 'auto_pad SAME_LOWER',
    opset: 13,
    inputs: [{ dims: [1, 1, 3, 3] }, { dims: [1, 2, 4, 3] }],
    attributes: { strides: [2, 2], auto_pad: 'SAME_LOWER' },
  },
  { title: 'auto_pad VALID', opset: 22, inputs: [{ dims: [1, 1, 2, 3] }, { dims: [1, 1, 2, 2] }], attributes: { auto_pad: 'VALID' } },
  { title: 'one spatial axis', inputs: [{ dims: [2, 2, 4] }, { dims: [2, 3, 3] }], attributes: { strides: [2], pads: [1, 0] } },
  { title: 'three spatial axes', inputs: [{ dims: [1, 2, 2, 2, 2] }, { dims: [2, 1, 2, 2, 2] }], attributes: { strides: [1, 2, 1] } },
];
