/**
 * Transposed convolution: what the gradient of a convolution with respect to its input does, as a layer of its own. Seen as the
 * convolution that leads from y back to x, its gradients are that convolution and its weight gradient.
 */
import { sizeOf } from '../base/tensor.js';
import { biasGradient } from './conv/bias.js';
import { type ConvForm, inputDims, outputDims } from './conv/form.js';
import { crop } from './conv/operands.js';
import { weightGradient } from './conv/weight.js';
import type { GradientView, NodeView, Op, Ref } from './op.js';
import { kernelOf, padsOf, perAxis, reach, taps, type WindowAxis } from './window.js';

/** The convolution from y (its input) to x (its output); weight [channels of x, channels of y / group, kernel…]. */
function formOf(n: NodeView): ConvForm {
  const [x, w] = [n.input(0).dims, n.input(1).dims];
  const rank = x.length - 2;
  if (rank < 1 || w.length !== x.length) n.fail('an image of batch, channels and spatial axes, and a weight of its rank', `[${x}], [${w}]`);
  const group = n.int('group', 1);
  const [batch, filters] = x as [number, number];
  if (!(group >= 1) || w[0] !== filters || filters % group !== 0) n.fail(`a weight for ${filters} channels in ${group} groups`, `[${w}]`);
  const channels = w[1]! * group;
  const bias = n.inputs[2]?.dims;
  if (bias && (bias.length !== 1 || bias[0] !== channels)) n.fail(`a bias of [${channels}]`, `[${bias}]`);
  return { batch, group, channels, filters, axes: axesOf(n, x.slice(2), kernelOf(n, rank, w.slice(2))) };
}

function axesOf(n: NodeView, positions: readonly number[], kernel: readonly number[]): WindowAxis[] {
  const rank = positions.length;
  const strides = perAxis(n, 'strides', rank, 1);
  const dilations = perAxis(n, 'dilations', rank, 1);
  const extra = perAxis(n, 'output_padding', rank, 0);
  const pads = perAxis(n, 'pads', 2 * rank, 0);
  const mode = n.string('auto_pad', 'NOTSET');
  const wanted = n.ints('output_shape') ? perAxis(n, 'output_shape', rank, 1) : undefined;
  return positions.map((count, i) => {
    const axis = { kernel: kernel[i]!, stride: strides[i]!, dilation: dilations[i]!, positions: count };
    const full = (count - 1) * axis.stride + reach(axis) + extra[i]!;
    const same = mode === 'SAME_UPPER' || mode === 'SAME_LOWER';
    if (!same && mode !== 'NOTSET' && mode !== 'VALID') n.fail('auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER', `"${mode}"`);
    const size = wanted?.[i] ?? (same ? count * axis.stride : full - (mode === 'VALID' ? 0 : pads[i]! + pads[rank + i]!));
    if (size < 1) n.fail(`padding that leaves something along spatial axis ${i}`, `${size} elements`);
    const derived = wanted !== undefined || same;
    const total = Math.max(0, full - size);
    const before = !derived ? (mode === 'VALID' ? 0 : pads[i]!) : mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
    return { ...axis, size, before, after: Math.max(0, full - extra[i]! - size - before) };
  });
}

function reference(form: ConvForm, x: Ref, w: Ref, bias: Ref | undefined): Ref {
  const { batch, group, channels, filters, axes } = form;
  const [m, c] = [channels / group, filters / group];
  const places = taps(axes);
  const dims = inputDims(form);
  const plane = sizeOf(dims.slice(2));
  const kernel = sizeOf(w.dims.slice(2));
  const data = new Float64Array(sizeOf(dims));
  if (bias) for (let i = 0; i < data.length; i++) data[i] = bias.data[Math.floor(i / plane) % channels]!;
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let f = 0; f < filters; f++)
      for (const window of places) {
        const value = x.data[at++]!;
        for (let i = 0; i < m; i++) {
          const to = (n * channels + Math.floor(f / c) * m + i) * plane;
          for (let k = 0; k < kernel; k++) if (window[k]! >= 0) data[to + window[k]!]! += value * w.data[(f * m + i) * kernel + k]!;
        }
      }
  return { dtype: x.dtype, dims, data };
}

function gradient(g: GradientView): void {
  const { op } = g;
  const form = formOf(g);
  const dy = g.dy(0);
  if (g.wants(0)) {
    const { axes, group } = form;
    const dx = op.Conv(dy, g.x(1), undefined, {
      kernel_shape: axes.map((a) => a.kernel),
      strides: axes.map((a) => a.stride),
      dilations: axes.map((a) => a.dilation),
      pads: padsOf(axes),
      group,
    });
    // An output_padding of a whole stride or more makes room for windows that x does not have.
    g.give(0, crop(op, dx, g.x(0).dims.slice(2)));
  }
  if (g.wants(1)) g.give(1, weightGradient(op, form, dy, g.x(0)));
  if (g.wants(2)) g.give(2, biasGradient(op, dy));
}

export const ConvTranspose: Op = {
  name: 'ConvTranspose',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: inputDims(formOf(n)) }],
  gradient: { kind: 'rule', build: gradient },
  cost: (n) => {
    const form = formOf(n);
    return { multiplyAdds: sizeOf(outputDims(form)) * sizeOf(n.input(1).dims.slice(1)) };
  },
  reference: (n, [x, w, b]) => [reference(formOf(n), x!, w!, b)],
};
