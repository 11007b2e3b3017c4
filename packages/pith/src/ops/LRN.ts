/**
 * Local response normalization across channels: y = x · s^(−beta), s = bias + alpha/size · Σ x² over `size` neighbouring channels.
 * Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks, 2012.
 */
import { sizeOf } from '../base/tensor.js';
import type { Value } from '../graph/value.js';
import { free, type GradientView, type NodeView, type Op, type Ref } from './op.js';

interface Form {
  readonly size: number;
  /** Neighbours before and after a channel. */
  readonly before: number;
  readonly after: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

function formOf(n: NodeView): Form {
  const { dims } = n.input(0);
  const size = n.int('size') ?? n.fail('attribute size', 'none');
  if (size < 1 || dims.length < 3) n.fail('size of at least 1 and an input of batch, channels and spatial axes', `size ${size}, [${dims}]`);
  const before = Math.floor((size - 1) / 2);
  return { size, before, after: size - 1 - before, alpha: n.float('alpha', 1e-4), beta: n.float('beta', 0.75), bias: n.float('bias', 1) };
}

function reference(x: Ref, { size, before, after, alpha, beta, bias }: Form): Ref {
  const [batch, channels] = x.dims as [number, number];
  const plane = sizeOf(x.dims.slice(2));
  const data = new Float64Array(x.data.length);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < plane; i++) {
        let sum = 0;
        for (let k = Math.max(0, c - before); k <= Math.min(channels - 1, c + after); k++)
          sum += x.data[(n * channels + k) * plane + i]! ** 2;
        const at = (n * channels + c) * plane + i;
        data[at] = x.data[at]! * (bias + (alpha / size) * sum) ** -beta;
      }
  return { dtype: x.dtype, dims: x.dims, data };
}

/** dx = r·dy − 2·alpha·beta·x · mean over the windows that hold x of (dy·x·r/s), r = s^(−beta); means over channels are an AveragePool. */
function gradient(g: GradientView): void {
  const { op } = g;
  const { size, before, after, alpha, beta, bias } = formOf(g);
  const x = g.x(0);
  const dy = g.dy(0);
  const [batch, channels] = x.dims as [number, number];
  const scalar = (value: number): Value => op.scalar(value, x.dtype);
  const neighbours = (v: Value, start: number, end: number): Value => {
    const seen = op.Reshape(v, [batch, 1, channels, sizeOf(x.dims.slice(2))]);
    const pooled = op.AveragePool(seen, { kernel_shape: [size, 1], pads: [start, 0, end, 0], count_include_pad: 1 });
    return op.Reshape(pooled, x.dims);
  };
  const s = op.Add(op.Mul(neighbours(op.Mul(x, x), before, after), scalar(alpha)), scalar(bias));
  const dyr = op.Mul(dy, op.Pow(s, scalar(-beta)));
  const shared = neighbours(op.Div(op.Mul(dyr, x), s), after, before);
  g.give(0, op.Sub(dyr, op.Mul(op.Mul(x, shared), scalar(2 * alpha * beta))));
}

export const LRN: Op = {
  name: 'LRN',
  infer(n) {
    formOf(n);
    return [{ dtype: n.input(0).dtype, dims: n.input(0).dims }];
  },
  gradient: { kind: 'rule', build: gradient },
  cost: () => free,
  reference: (n, [x]) => [reference(x!, formOf(n))],
};
