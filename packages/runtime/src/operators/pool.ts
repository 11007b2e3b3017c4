/** MaxPool and AveragePool over one or two spatial axes, GlobalAveragePool and GlobalMaxPool over any. */
import type { NodeView } from './node-view.js';
import type { KernelWork, Operator } from './operator.js';
import { countOf, type Inputs, type Value } from './value.js';
import { type Span, type Windows, windowsOf } from './window.js';

interface Pooling {
  readonly x: Value;
  readonly y: Span;
  readonly spanX: Span;
  readonly dims: readonly number[];
  readonly planes: number;
  /** What assembly/kernels/pool.ts calls `form`. */
  readonly form: Int32Array;
  readonly lineBytes: number;
}

function poolingOf(node: NodeView, windows: Windows, inputs: Inputs): Pooling {
  const x = node.real(inputs, 0);
  const [batch = 0, channels = 0, ...spatial] = x.dims;
  const [y, spanX] = windows(spatial);
  const spans = [y, spanX];
  const both = (of: (span: Span) => number): number[] => spans.map(of);
  const planes = batch * channels;
  const numbers = [
    planes,
    ...both((s) => s.input),
    ...both((s) => s.output),
    ...both((s) => s.kernel),
    ...both((s) => s.stride),
    ...both((s) => s.dilation),
    ...both((s) => s.before),
  ];
  const line = (spanX.output - 1) * spanX.stride + (spanX.kernel - 1) * spanX.dilation + 1;
  const dims = [batch, channels, ...(spatial.length === 1 ? [spanX.output] : both((s) => s.output))];
  // vectors may read and write past the end of the line
  return { x, y, spanX, dims, planes, form: Int32Array.from(numbers), lineBytes: 4 * (Math.max(line, spanX.before + spanX.input) + 12) };
}

const windowsFor = (node: NodeView): Windows => windowsOf(node, node.ints('kernel_shape') ?? node.wrong('kernel_shape', 'none'));

const isPlain = (span: Span): boolean =>
  span.kernel === 2 && span.stride === 2 && span.dilation === 1 && span.before === 0 && span.output === Math.floor(span.input / 2);

export const MaxPool: Operator = {
  name: 'MaxPool',
  prepare: (node) => {
    if (node.asks(1)) node.unsupported('one output', 'the places of the maxima as well');
    const windows = windowsFor(node);
    return (inputs): KernelWork => {
      const { y, spanX, dims, planes, form, lineBytes } = poolingOf(node, windows, inputs);
      const outputs = [{ dtype: 'float32', dims }] as const;
      if (isPlain(y) && isPlain(spanX)) {
        const [height, width] = [y.input, spanX.input];
        return {
          kind: 'kernel',
          outputs,
          kernel: 'max-pool-2x2',
          run: (c) => c.kernels.maxPool2(c.x[0]!, c.y[0]!, planes, height, width),
        };
      }
      return {
        kind: 'kernel',
        outputs,
        kernel: 'max-pool',
        tables: [form],
        scratchBytes: lineBytes,
        run: (c) => c.kernels.maxPool(c.tables[0]!, c.x[0]!, c.y[0]!, c.scratch),
      };
    };
  },
};

/** How many positions of the window at `at` count. */
function counted(span: Span, at: number, withPadding: boolean): number {
  const start = at * span.stride - span.before;
  const end = start + (span.kernel - 1) * span.dilation;
  const last = span.input + (withPadding ? span.behind : 0) - 1;
  const skip = !withPadding && start < 0 ? Math.ceil(-start / span.dilation) : 0;
  return Math.floor((Math.min(end, last) - start) / span.dilation) + 1 - skip;
}

export const AveragePool: Operator = {
  name: 'AveragePool',
  prepare: (node) => {
    const windows = windowsFor(node);
    const withPadding = node.int('count_include_pad', 0) === 1;
    return (inputs): KernelWork => {
      const { y, spanX, dims, form, lineBytes } = poolingOf(node, windows, inputs);
      const counts = (span: Span): Float32Array => Float32Array.from({ length: span.output }, (_, at) => counted(span, at, withPadding));
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims }],
        kernel: 'average-pool',
        tables: [form, counts(y), counts(spanX)],
        scratchBytes: lineBytes,
        run: (c) => c.kernels.averagePool(c.tables[0]!, c.x[0]!, c.y[0]!, c.scratch, c.tables[1]!, c.tables[2]!),
      };
    };
  },
};

const global = (name: string, kernel: string, f: number): Operator => ({
  name,
  prepare: (node) => (inputs) => {
    const { dims } = node.real(inputs, 0);
    const [planes, plane] = [countOf(dims.slice(0, 2)), countOf(dims.slice(2))];
    return {
      kind: 'kernel',
      outputs: [{ dtype: 'float32', dims: dims.map((d, i) => (i < 2 ? d : 1)) }],
      kernel,
      run: ({ kernels, x, y }) => kernels.reduce(f, x[0]!, y[0]!, planes, plane, 1),
    };
  },
});

export const GlobalAveragePool = global('GlobalAveragePool', 'global-average', 1);
export const GlobalMaxPool = global('GlobalMaxPool', 'global-max', 2);
