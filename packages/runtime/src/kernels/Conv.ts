/**
 * Convolution over one or two spatial axes. One weight meets a whole plane of pixels, so that pruned weights cost nothing: the input is
 * padded once, then each kept weight is an offset into it. Eight weights go over the output together.
 */
import { empty, type Floats, given, type Kernel } from './kernel.js';
import { type Rows, rowsOf } from './rows.js';
import { type Span, windowsOf } from './window.js';

export const Conv: Kernel = {
  name: 'Conv',
  prepare: (node) => {
    const weight = node.stored(1) ?? node.unsupported('a constant weight', 'one that another node makes');
    const dims = weight.kind === 'dense' ? weight.tensor.dims : weight.dims;
    const [outputs = 0, perGroup = 0, ...kernel] = dims;
    const groups = node.int('group', 1);
    if (groups < 1 || outputs % groups !== 0) node.wrong(`output channels in ${groups} groups`, String(outputs));
    const windows = windowsOf(node, kernel);
    const rows = rowsOf(weight, outputs, node.node);
    const bias = node.floats(2)?.data;
    return (inputs) => {
      const x = given(inputs, 0);
      const [batch = 0, channels = 0, ...spatial] = x.dims;
      if (channels !== perGroup * groups) node.wrong(`${perGroup * groups} channels`, String(channels));
      const [ySpan, xSpan] = windows(spatial);
      const out = empty([batch, outputs, ...(spatial.length === 1 ? [xSpan.output] : [ySpan.output, xSpan.output])]);
      convolve(x, out, { rows, bias: bias ?? inputs[2]?.data, groups, perGroup, ySpan, xSpan });
      return out;
    };
  },
};

interface Form {
  readonly rows: Rows;
  readonly bias: Float32Array | undefined;
  readonly groups: number;
  /** Input channels of a group. */
  readonly perGroup: number;
  readonly ySpan: Span;
  readonly xSpan: Span;
}

function convolve(x: Floats, out: Floats, form: Form): void {
  const { rows, bias, groups, perGroup, ySpan, xSpan } = form;
  const [batch = 0, channels = 0] = x.dims;
  const height = ySpan.before + ySpan.input + ySpan.behind;
  const width = xSpan.before + xSpan.input + xSpan.behind;
  const image = channels * height * width;
  const plane = ySpan.output * xSpan.output;

  // where each kept weight looks, from the top left of the padded image
  const offset = new Int32Array(rows.column.length);
  const window = ySpan.kernel * xSpan.kernel;
  for (let i = 0; i < offset.length; i++) {
    const column = rows.column[i]!;
    const channel = Math.floor(column / window);
    const ky = Math.floor((column % window) / xSpan.kernel);
    const kx = column % xSpan.kernel;
    offset[i] = (channel * height + ky * ySpan.dilation) * width + kx * xSpan.dilation;
  }

  const padded = height === ySpan.input && width === xSpan.input ? undefined : new Float32Array(image);
  for (let n = 0; n < batch; n++) {
    const source = padded ?? x.data;
    const base = padded ? 0 : n * image;
    if (padded) pad(x.data, n * channels * ySpan.input * xSpan.input, padded, channels, ySpan, xSpan);
    for (let m = 0; m < rows.rows; m++) {
      const start = (n * rows.rows + m) * plane;
      const group = Math.floor((m * groups) / rows.rows);
      out.data.fill(bias ? bias[m]! : 0, start, start + plane);
      accumulate(source, base + group * perGroup * height * width, out.data, start, offset, rows, m, width, ySpan, xSpan);
    }
  }
}

function pad(from: Float32Array, start: number, to: Float32Array, channels: number, ySpan: Span, xSpan: Span): void {
  const height = ySpan.before + ySpan.input + ySpan.behind;
  const width = xSpan.before + xSpan.input + xSpan.behind;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < ySpan.input; y++) {
      const row = start + (c * ySpan.input + y) * xSpan.input;
      to.set(from.subarray(row, row + xSpan.input), (c * height + ySpan.before + y) * width + xSpan.before);
    }
}

/** Adds to one output plane what the kept weights of its channel see. */
function accumulate(
  source: Float32Array,
  base: number,
  out: Float32Array,
  start: number,
  offset: Int32Array,
  rows: Rows,
  m: number,
  width: number,
  ySpan: Span,
  xSpan: Span,
): void {
  const { value } = rows;
  const end = rows.start[m + 1]!;
  const [high, wide, down, right] = [ySpan.output, xSpan.output, ySpan.stride * width, xSpan.stride];
  let i = rows.start[m]!;
  for (; i + 8 <= end; i += 8) {
    const w0 = value[i]!;
    const w1 = value[i + 1]!;
    const w2 = value[i + 2]!;
    const w3 = value[i + 3]!;
    const w4 = value[i + 4]!;
    const w5 = value[i + 5]!;
    const w6 = value[i + 6]!;
    const w7 = value[i + 7]!;
    for (let y = 0, to = start; y < high; y++) {
      const row = base + y * down;
      const a0 = row + offset[i]!;
      const a1 = row + offset[i + 1]!;
      const a2 = row + offset[i + 2]!;
      const a3 = row + offset[i + 3]!;
      const a4 = row + offset[i + 4]!;
      const a5 = row + offset[i + 5]!;
      const a6 = row + offset[i + 6]!;
      const a7 = row + offset[i + 7]!;
      for (let x = 0, s = 0; x < wide; x++, to++, s += right)
        out[to]! +=
          w0 * source[a0 + s]! +
          w1 * source[a1 + s]! +
          w2 * source[a2 + s]! +
          w3 * source[a3 + s]! +
          w4 * source[a4 + s]! +
          w5 * source[a5 + s]! +
          w6 * source[a6 + s]! +
          w7 * source[a7 + s]!;
    }
  }
  for (; i < end; i++) {
    const w = value[i]!;
    for (let y = 0, to = start; y < high; y++)
      for (let x = 0, a = base + offset[i]! + y * down; x < wide; x++, to++, a += right) out[to]! += w * source[a]!;
  }
}
