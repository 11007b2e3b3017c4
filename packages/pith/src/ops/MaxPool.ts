/** y = the largest element of each window; the second output says where in the flattened input the first of the largest lies. */
import { sizeOf } from '../base/tensor.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import { free, type NodeView, type Op, type Ref } from './op.js';
import { kernelOf, taps, type WindowAxis, windowsOf } from './window.js';

function windows(n: NodeView): { axes: WindowAxis[]; dims: number[] } {
  const { dims } = n.input(0);
  if (dims.length < 3) n.fail('batch, channels and at least one spatial axis', `[${dims}]`);
  const axes = windowsOf(n, dims.slice(2), kernelOf(n, dims.length - 2));
  return { axes, dims: [...dims.slice(0, 2), ...axes.map((a) => a.positions)] };
}

function reference(n: NodeView, x: Ref): Ref[] {
  const { axes, dims } = windows(n);
  const y = new Float64Array(sizeOf(dims));
  const indices = new Float64Array(y.length);
  const plane = sizeOf(x.dims.slice(2));
  const places = taps(axes);
  const turn = n.int('storage_order', 0) === 1 ? columnMajor(x.dims.slice(2)) : (flat: number) => flat;
  for (let c = 0; c < dims[0]! * dims[1]!; c++)
    places.forEach((window, p) => {
      let best = Number.NEGATIVE_INFINITY;
      let at = 0;
      for (const tap of window)
        if (tap >= 0 && x.data[c * plane + tap]! > best) {
          best = x.data[c * plane + tap]!;
          at = tap;
        }
      y[c * places.length + p] = best;
      indices[c * places.length + p] = c * plane + turn(at);
    });
  return [
    { dtype: x.dtype, dims, data: y },
    { dtype: 'int64', dims, data: indices },
  ];
}

/** storage_order 1 counts the elements of a plane with the first axis fastest. */
function columnMajor(dims: readonly number[]): (flat: number) => number {
  return (flat) => {
    let turned = 0;
    for (let i = dims.length - 1, rest = flat, above = sizeOf(dims); i >= 0; i--) {
      above /= dims[i]!;
      turned += (rest % dims[i]!) * above;
      rest = Math.floor(rest / dims[i]!);
    }
    return turned;
  };
}

export const MaxPool: Op = {
  name: 'MaxPool',
  infer(n) {
    const { dims } = windows(n);
    return [
      { dtype: n.input(0).dtype, dims },
      { dtype: 'int64', dims },
    ];
  },
  gradient: { kind: 'rule', build: (g) => maxPoolGradient(g, windows(g).axes) },
  cost: () => free,
  reference: (n, [x]) => reference(n, x!),
};
