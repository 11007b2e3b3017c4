/**
 * Gradient of MaxPool, by the shape of its windows:
 * - 2×2 windows that tile the plane: the largest elements are found again by comparison with the output, repeated. Equal ones share
 *   evenly. ONNX Runtime computes the indices of MaxPool ten times slower than its values, so this pays: forward and backward of
 *   [64,20,24,24] take 2.2 ms instead of 3.7 with indices (one thread), of [64,50,8,8] 0.85 instead of 1.14.
 * - other windows that do not overlap: MaxUnpool with the indices, which overwrites. Of equal elements the first has it all.
 * - windows that overlap: ScatterElements with the indices, which adds up.
 */
import { sizeOf } from '../base/tensor.js';
import type { GradientView } from './op.js';
import { reach, type WindowAxis } from './window.js';

/** Gives the gradient of input 0 of a pool whose windows are `axes`. */
export function maxPoolGradient(g: GradientView, axes: readonly WindowAxis[]): void {
  if (axes.length === 2 && axes.every(halves)) byComparison(g);
  else if (g.int('storage_order', 0) !== 0) g.fail('storage_order 0 where a gradient is needed', '1');
  else if (axes.every((a) => a.stride >= reach(a))) byUnpool(g, axes);
  else byScatter(g);
}

const halves = (a: WindowAxis): boolean =>
  a.kernel === 2 && a.stride === 2 && a.dilation === 1 && a.before === 0 && a.positions * 2 === a.size;

function byComparison(g: GradientView): void {
  const { op } = g;
  const [x, y, dy] = [g.x(0), g.y(0), g.dy(0)];
  const isLargest = op.Cast(op.Equal(x, op.Resize(y, [1, 1, 2, 2])), x.dtype);
  const quarters = op.AveragePool(isLargest, { kernel_shape: [2, 2], strides: [2, 2] });
  const share = op.Div(op.Mul(dy, op.scalar(0.25, dy.dtype)), quarters);
  g.give(0, op.Mul(isLargest, op.Resize(share, [1, 1, 2, 2])));
}

function byUnpool(g: GradientView, axes: readonly WindowAxis[]): void {
  const shape = (a: WindowAxis): number => (a.positions - 1) * a.stride + a.kernel;
  // MaxUnpool derives its output shape; pads take away what ceil_mode added, an explicit shape adds what no window met.
  const pads = [...axes.map(() => 0), ...axes.map((a) => Math.max(0, shape(a) - a.size))];
  const exact = axes.every((a) => shape(a) >= a.size);
  const attributes = { kernel_shape: axes.map((a) => a.kernel), strides: axes.map((a) => a.stride), pads };
  g.give(0, g.op.MaxUnpool(g.dy(0), g.y(1), attributes, exact ? undefined : g.input(0).dims));
}

function byScatter(g: GradientView): void {
  const { op } = g;
  const { dims, dtype } = g.input(0);
  const dy = g.dy(0);
  const count = [sizeOf(dy.dims)];
  const zeros = op.Expand(op.scalar(0, dtype), [sizeOf(dims)]);
  g.give(0, op.Reshape(op.ScatterElements(zeros, op.Reshape(g.y(1), count), op.Reshape(dy, count), 0, 'add'), dims));
}
