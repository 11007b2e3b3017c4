/** Rule maker for operators that turn each line along one axis into a line of the same length: Softmax and LogSoftmax. */
import { axisOf } from '../base/shape.js';
import { sizeOf } from '../base/tensor.js';
import type { Value } from '../graph/value.js';
import { free, type GradientView, type Op } from './op.js';

/** `f` maps a line; `back` makes dx of y, dy and the (not negative) axis. The axis is an attribute, −1 unless given (opset 13 on). */
export function alongAxis(
  name: string,
  f: (line: Float64Array) => Float64Array,
  back: (op: GradientView['op'], y: Value, dy: Value, axis: number) => Value,
): Op {
  return {
    name,
    infer(n) {
      const { dtype, dims } = n.input(0);
      axisOf(n.int('axis', -1), dims.length);
      return [{ dtype, dims }];
    },
    gradient: {
      kind: 'rule',
      build: (g) => g.give(0, back(g.op, g.y(0), g.dy(0), axisOf(g.int('axis', -1), g.input(0).dims.length))),
    },
    cost: () => free,
    reference(n, [x]) {
      const { dtype, dims, data } = x!;
      const axis = axisOf(n.int('axis', -1), dims.length);
      const length = dims[axis]!;
      const inner = sizeOf(dims.slice(axis + 1));
      const out = new Float64Array(data.length);
      for (let outer = 0; outer < sizeOf(dims.slice(0, axis)); outer++)
        for (let i = 0; i < inner; i++) {
          const at = (j: number): number => (outer * length + j) * inner + i;
          const line = f(Float64Array.from({ length }, (_, j) => data[at(j)]!));
          for (let j = 0; j < length; j++) out[at(j)] = line[j]!;
        }
      return [{ dtype, dims, data: out }];
    },
  };
}

/** Σ over a line of e^(x − max), with the maximum, so that nothing overflows. */
export function exponentials(line: Float64Array): { max: number; sum: number } {
  const max = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { max, sum: line.reduce((a, b) => a + Math.exp(b - max), 0) };
}
