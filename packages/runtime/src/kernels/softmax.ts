/** Softmax and its logarithm along one axis (opset 13 and later), shifted by the maximum so that nothing overflows. */
import { empty, given, type Kernel } from './kernel.js';

const along = (name: string, finish: (shifted: number, sum: number) => number): Kernel => ({
  name,
  prepare: (node) => {
    if (node.opset < 13) node.unsupported('opset 13 or later', String(node.opset));
    const choice = node.int('axis', -1);
    return (inputs) => {
      const x = given(inputs, 0);
      const axis = node.axis(choice, x.dims.length);
      const size = x.dims[axis]!;
      const step = x.dims.slice(axis + 1).reduce((product, d) => product * d, 1);
      const out = empty(x.dims);
      for (let block = 0; block < x.data.length; block += size * step)
        for (let first = block; first < block + step; first++) {
          let most = -Infinity;
          for (let k = 0; k < size; k++) most = Math.max(most, x.data[first + k * step]!);
          let sum = 0;
          for (let k = 0; k < size; k++) sum += Math.exp(x.data[first + k * step]! - most);
          for (let k = 0; k < size; k++) out.data[first + k * step] = finish(x.data[first + k * step]! - most, sum);
        }
      return out;
    };
  },
});

export const Softmax = along('Softmax', (shifted, sum) => Math.exp(shifted) / sum);
export const LogSoftmax = along('LogSoftmax', (shifted, sum) => shifted - Math.log(sum));
