/**
 * y = the mean of each window; padding counts only with count_include_pad, and what ceil_mode adds beyond the padding never. The gradient
 * spreads each share over its window: a transposed convolution of every channel with a kernel of ones.
 */
import { sizeOf, type Tensor } from '../base/tensor.js';
import { byTransposedConv } from './conv/input.js';
import { free, type GradientView, type NodeView, type Op, type Ref } from './op.js';
import { inPadding, kernelOf, taps, type WindowAxis, windowsOf } from './window.js';

function windows(n: NodeView): { axes: WindowAxis[]; dims: number[] } {
  const { dims } = n.input(0);
  if (dims.length < 3) n.fail('batch, channels and at least one spatial axis', `[${dims}]`);
  const axes = windowsOf(n, dims.slice(2), kernelOf(n, dims.length - 2));
  return { axes, dims: [...dims.slice(0, 2), ...axes.map((a) => a.positions)] };
}

/** By how many elements each window divides. */
function counts(n: NodeView, places: readonly Int32Array[]): number[] {
  const least = n.int('count_include_pad', 0) === 0 ? 0 : inPadding;
  return places.map((window) => window.filter((tap) => tap >= least).length);
}

function reference(n: NodeView, x: Ref): Ref {
  const { axes, dims } = windows(n);
  const places = taps(axes);
  const count = counts(n, places);
  const plane = sizeOf(x.dims.slice(2));
  const data = new Float64Array(sizeOf(dims));
  for (let c = 0; c < dims[0]! * dims[1]!; c++)
    places.forEach((window, p) => {
      let sum = 0;
      for (const tap of window) if (tap >= 0) sum += x.data[c * plane + tap]!;
      data[c * places.length + p] = sum / count[p]!;
    });
  return { dtype: x.dtype, dims, data };
}

function gradient(g: GradientView): void {
  const { op } = g;
  const { axes, dims } = windows(g);
  const { dtype, dims: inputDims } = g.input(0);
  const filled = (shape: readonly number[], list: readonly number[]): Tensor => ({
    dtype,
    dims: shape,
    data: dtype === 'float64' ? Float64Array.from(list) : Float32Array.from(list),
  });
  const count = counts(g, taps(axes));
  const even = count.every((c) => c === count[0]);
  const batch = dims[0]! * dims[1]!;
  const planes = op.Reshape(g.dy(0), [batch, 1, ...dims.slice(2)]);
  const kernel = axes.map((a) => a.kernel);
  const ones = new Array<number>(sizeOf(kernel)).fill(even ? 1 / count[0]! : 1);
  const weight = op.constant(filled([1, 1, ...kernel], ones));
  const shares = even ? planes : op.Div(planes, op.constant(filled([1, 1, ...dims.slice(2)], count)));
  const form = { batch, group: 1, channels: 1, filters: 1, axes };
  g.give(0, op.Reshape(byTransposedConv(op, form, shares, weight), inputDims));
}

export const AveragePool: Op = {
  name: 'AveragePool',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: windows(n).dims }],
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, [x]) => [reference(n, x!)],
};
