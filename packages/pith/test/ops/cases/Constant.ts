import type { Case } from '../case.js';

export const cases: readonly Case[] = [
  { title: 'a tensor', inputs: [], attributes: { value: { dtype: 'float32', dims: [2], data: Float32Array.of(0.5, -1) } } },
  {
    title: 'a half-precision tensor',
    inputs: [],
    attributes: { value: { dtype: 'float16', dims: [1], data: Uint16Array.of(0x3c00) } },
    noRuntime: 'the comparison reads no half precision',
  },
  { title: 'a float', inputs: [], attributes: { value_float: { float: 0.25 } } },
  { title: 'an int, opset 13', opset: 13, inputs: [], attributes: { value_int: 3 } },
  { title: 'ints', inputs: [], attributes: { value_ints: [3, -4] } },
];
