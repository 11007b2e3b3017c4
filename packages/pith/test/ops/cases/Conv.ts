import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a LeNet layer: 5×5, no padding, bias', inputs: [{ dims: [2, 2, 7, 7] }, { dims: [3, 2, 5, 5] }, { dims: [3] }] },
  {
    title: 'a ResNet layer: 3×3, stride 1, same size',
    inputs: [{ dims: [2, 3, 5, 4] }, { dims: [4, 3, 3, 3] }],
    attributes: { pads: [1, 1, 1, 1] },
  },
  {
    title: '3×3, stride 2, the last column unused',
    inputs: [{ dims: [2, 2, 6, 5] }, { dims: [3, 2, 3, 3] }],
    attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
  },
  { title: '1×1, stride 1', inputs: [{ dims: [2, 3, 3, 4] }, { dims: [4, 3, 1, 1] }, { dims: [4] }] },
  { title: '1×1, stride 2', inputs: [{ dims: [2, 3, 5, 4] }, { dims: [2, 3, 1, 1] }], attributes: { strides: [2, 2] } },
  { title: '1×1 with padding', inputs: [{ dims: [1, 2, 3, 3] }, { dims: [2, 2, 1, 1] }], attributes: { pads: [1, 0, 1, 1] } },
  {
    title: 'dilated, padded unevenly',
    inputs: [{ dims: [1, 2, 6, 5] }, { dims: [2, 2, 3, 2] }],
    attributes: { dilations: [2, 1], pads: [1, 0, 2, 1] },
  },
  {
    title: 'dilated and strided',
    inputs: [{ dims: [1, 2, 8, 7] }, { dims: [2, 2, 2, 3] }],
    attributes: { dilations: [3, 2], strides: [2, 3], pads: [1, 1, 0, 0] },
  },
  {
    title: 'a rest of the input that no window meets',
    inputs: [{ dims: [2, 2, 8, 9] }, { dims: [2, 2, 2, 2] }],
    attributes: { strides: [3, 4] },
  },
  {
    title: 'two groups',
    inputs: [{ dims: [2, 4, 4, 4] }, { dims: [6, 2, 3, 3] }, { dims: [6] }],
    attributes: { group: 2, pads: [1, 1, 1, 1] },
  },
  { title: 'two groups, dilated', inputs: [{ dims: [2, 4, 5, 6] }, { dims: [4, 2, 2, 2] }], attributes: { group: 2, dilations: [2, 3] } },
  { title: 'two groups, strided', inputs: [{ dims: [2, 4, 5, 5] }, { dims: [2, 2, 3, 3] }], attributes: { group: 2, strides: [2, 2] } },
  {
    title: 'depthwise with a multiplier',
    inputs: [{ dims: [2, 3, 4, 5] }, { dims: [6, 1, 3, 3] }],
    attributes: { group: 3, pads: [1, 1, 1, 1] },
  },
  { title: 'grouped 1×1', inputs: [{ dims: [2, 4, 3, 3] }, { dims: [4, 2, 1, 1] }], attributes: { group: 2 } },
  {
    title: 'auto_pad SAME_UPPER',
    inputs: [{ dims: [1, 2, 5, 6] }, { dims: [2, 2, 2, 3] }],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
  {
    title: 'auto_pad SAME_LOWER',
    opset: 13,
    inputs: [{ dims: [1, 2, 5, 6] }, { dims: [2, 2, 2, 3] }],
    attributes: { auto_pad: 'SAME_LOWER' },
  },
  {
    title: 'auto_pad VALID, kernel_shape given',
    opset: 22,
    inputs: [{ dims: [1, 1, 4, 4] }, { dims: [1, 1, 3, 3] }],
    attributes: { auto_pad: 'VALID', kernel_shape: [3, 3] },
  },
  {
    title: 'more padding than the kernel reaches',
    inputs: [{ dims: [1, 2, 3, 3] }, { dims: [2, 2, 2, 2] }],
    attributes: { pads: [2, 3, 2, 1] },
  },
  {
    title: 'one spatial axis',
    inputs: [{ dims: [2, 2, 7] }, { dims: [3, 2, 3] }, { dims: [3] }],
    attributes: { pads: [1, 0], strides: [2] },
  },
  { title: 'one spatial axis, stride 1', inputs: [{ dims: [2, 2, 6] }, { dims: [3, 2, 3] }], attributes: { pads: [1, 1] } },
  { title: 'three spatial axes', inputs: [{ dims: [1, 2, 3, 4, 3] }, { dims: [2, 2, 2, 3, 2] }], attributes: { pads: [0, 1, 1, 0, 1, 0] } },
];
