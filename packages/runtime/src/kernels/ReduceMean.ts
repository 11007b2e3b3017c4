/** Mean over some axes or over all. Axes are an input from opset 18 on, an attribute before. */
import { walk } from './broadcast.js';
import { empty, given, type Kernel, stridesOf } from './kernel.js';

export const ReduceMean: Kernel = {
  name: 'ReduceMean',
  prepare: (node) => {
    const choice = node.opset >= 18 ? node.constantInts(1) : node.ints('axes');
    const keep = node.int('keepdims', 1) === 1;
    const nothing = node.int('noop_with_empty_axes', 0) === 1 && !choice?.length;
    return (inputs) => {
      const x = given(inputs, 0);
      if (nothing) return x;
      const axes = new Set(choice?.length ? choice.map((axis) => node.axis(axis, x.dims.length)) : x.dims.keys());
      const kept = x.dims.map((d, i) => (axes.has(i) ? 1 : d));
      const sums = new Float64Array(kept.reduce((product, d) => product * d, 1));
      const strides = stridesOf(kept).map((stride, i) => (axes.has(i) ? 0 : stride));
      walk(x.dims, [strides], (i, [to]) => {
        sums[to!]! += x.data[i]!;
      });
      const count = x.data.length / sums.length;
      const out = empty(keep ? kept : x.dims.filter((_, i) => !axes.has(i)));
      out.data.set(sums.map((sum) => sum / count));
      return out;
    };
  },
};
