/** Convolution over any number of spatial axes, with groups, strides, dilations and padding. Gradients are in conv/. */
import { sizeOf } from '../base/tensor.js';
import { biasGradient } from './conv/bias.js';
import { type ConvForm, convForm, outputDims, weightDims } from './conv/form.js';
import { inputGradient } from './conv/input.js';
import { weightGradient } from './conv/weight.js';
import type { Op, Ref } from './op.js';
import { taps } from './window.js';

function reference(form: ConvForm, x: Ref, w: Ref, bias: Ref | undefined): Ref {
  const { batch, group, channels, filters, axes } = form;
  const [c, m] = [channels / group, filters / group];
  const places = taps(axes);
  const plane = sizeOf(x.dims.slice(2));
  const kernel = sizeOf(w.dims.slice(2));
  const dims = outputDims(form);
  const data = new Float64Array(sizeOf(dims));
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let f = 0; f < filters; f++)
      for (const window of places) {
        let sum = bias ? bias.data[f]! : 0;
        for (let i = 0; i < c; i++) {
          const from = (n * channels + Math.floor(f / m) * c + i) * plane;
          for (let k = 0; k < kernel; k++) if (window[k]! >= 0) sum += x.data[from + window[k]!]! * w.data[(f * c + i) * kernel + k]!;
        }
        data[at++] = sum;
      }
  return { dtype: x.dtype, dims, data };
}

export const Conv: Op = {
  name: 'Conv',
  infer: (n) => [{ dtype: n.input(0).dtype, dims: outputDims(convForm(n)) }],
  gradient: {
    kind: 'rule',
    build(g) {
      const form = convForm(g);
      const dy = g.dy(0);
      if (g.wants(0)) g.give(0, inputGradient(g.op, form, dy, g.x(1)));
      if (g.wants(1)) g.give(1, weightGradient(g.op, form, g.x(0), dy));
      if (g.wants(2)) g.give(2, biasGradient(g.op, dy));
    },
  },
  cost: (n) => {
    const form = convForm(n);
    return { multiplyAdds: sizeOf(outputDims(form)) * sizeOf(weightDims(form).slice(1)) };
  },
  reference: (n, [x, w, b]) => [reference(convForm(n), x!, w!, b)],
};
