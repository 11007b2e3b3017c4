/** MaxPool and AveragePool over one or two spatial axes, GlobalAveragePool over any. */
import { empty, type Floats, given, type Kernel, type KernelView, type Run } from './kernel.js';
import { type Span, windowsOf } from './window.js';

/** Reduces one window: rows y0 … y1, columns x0 … x1 of the plane that begins at `base`, in steps of the dilations. */
type Reduce = (data: Float32Array, base: number, width: number, y: Range, x: Range) => number;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** Positions that lie in the input or its padding. */
  readonly padded: number;
}

function rangeOf(span: Span, at: number): Range {
  const start = at * span.stride - span.before;
  const end = start + (span.kernel - 1) * span.dilation;
  const skip = start < 0 ? Math.ceil(-start / span.dilation) : 0;
  const last = span.input + span.behind - 1;
  const padded = Math.floor((Math.min(end, last) - start) / span.dilation) + 1;
  return { from: start + skip * span.dilation, to: Math.min(end, span.input - 1), step: span.dilation, padded };
}

function pool(node: KernelView, reduce: Reduce): Run {
  const kernel = node.ints('kernel_shape') ?? node.wrong('kernel_shape', 'none');
  const windows = windowsOf(node, kernel);
  return (inputs) => {
    const x = given(inputs, 0);
    const [batch = 0, channels = 0, ...spatial] = x.dims;
    const [ySpan, xSpan] = windows(spatial);
    const out = empty([batch, channels, ...(spatial.length === 1 ? [xSpan.output] : [ySpan.output, xSpan.output])]);
    const columns = Array.from({ length: xSpan.output }, (_, at) => rangeOf(xSpan, at));
    const rows = Array.from({ length: ySpan.output }, (_, at) => rangeOf(ySpan, at));
    for (let plane = 0, to = 0; plane < batch * channels; plane++)
      for (const row of rows)
        for (const column of columns) out.data[to++] = reduce(x.data, plane * ySpan.input * xSpan.input, xSpan.input, row, column);
    return out;
  };
}

const largest: Reduce = (data, base, width, y, x) => {
  let most = -Infinity;
  for (let i = y.from; i <= y.to; i += y.step)
    for (let j = x.from; j <= x.to; j += x.step) {
      const value = data[base + i * width + j]!;
      if (value > most || Number.isNaN(value)) most = value;
    }
  return most;
};

const mean =
  (withPadding: boolean): Reduce =>
  (data, base, width, y, x) => {
    let sum = 0;
    let count = 0;
    for (let i = y.from; i <= y.to; i += y.step) for (let j = x.from; j <= x.to; j += x.step, count++) sum += data[base + i * width + j]!;
    return sum / (withPadding ? y.padded * x.padded : count);
  };

export const MaxPool: Kernel = {
  name: 'MaxPool',
  prepare: (node) => {
    if (node.asks(1)) node.unsupported('one output', 'the places of the maxima as well');
    return pool(node, largest);
  },
};

export const AveragePool: Kernel = {
  name: 'AveragePool',
  prepare: (node) => pool(node, mean(node.int('count_include_pad', 0) === 1)),
};

export const GlobalAveragePool: Kernel = {
  name: 'GlobalAveragePool',
  prepare: () => (inputs) => meanOfPlanes(given(inputs, 0)),
};

function meanOfPlanes(x: Floats): Floats {
  const [batch = 0, channels = 0, ...spatial] = x.dims;
  const size = spatial.reduce((product, d) => product * d, 1);
  const out = empty([batch, channels, ...spatial.map(() => 1)]);
  for (let plane = 0; plane < out.data.length; plane++) {
    let sum = 0;
    for (let i = plane * size; i < (plane + 1) * size; i++) sum += x.data[i]!;
    out.data[plane] = sum / size;
  }
  return out;
}
