/** Cast: numbers are float32 or int32 in the heap, whatever whole type they are of. */
import { dtypeOfOnnx } from '../tensor.js';
import { isHalf } from './halves.js';
import type { Operator, Work } from './operator.js';
import { wholeWork } from './unary.js';
import { type Element, elements } from './value.js';

/** Numbers of assembly/kernels/convert.ts that bring a whole number into a narrower type. */
const narrow: Partial<Record<Element, number>> = { bool: 3, int8: 8, uint8: 9, int16: 10, uint16: 11 };

export const Cast: Operator = {
  name: 'Cast',
  prepare: (node) => {
    const named = dtypeOfOnnx(node.int('to', 0));
    const name = named && isHalf(named) ? 'float32' : named;
    const to = elements.find((element) => element === name) ?? node.unsupported(`a cast to ${elements.join(', ')}`, name ?? 'another type');
    return (inputs): Work => {
      const { dtype: from, dims } = node.value(inputs, 0);
      const outputs = [{ dtype: to, dims }];
      if (from === to) return { kind: 'alias', outputs, offsets: [0] };
      if (from === 'float32') {
        // a float beyond a narrow type: ONNX leaves open what comes out
        return { ...wholeWork(`float32-${to}`, to === 'bool' ? 2 : 0, to, dims), outputs };
      }
      if (to === 'float32') return { ...wholeWork(`${from}-float32`, 1, to, dims), outputs };
      const f = narrow[to];
      return f === undefined ? { kind: 'alias', outputs, offsets: [0] } : wholeWork(`int32-${to}`, f, to, dims);
    };
  },
};
