/** Where the numbers of a convolution lie once its planes are spread: what assembly/kernels/spread.ts makes, for one shape. */
import type { ConvShape } from './choice.js';
import type { Machine } from './machine.js';

export interface Geometry {
  /** Numbers from one row to the next. */
  readonly pitch: number;
  /** Rows of a plane that are ever read. */
  readonly planeRows: number;
  readonly planeBytes: number;
  /** Planes that one input channel becomes. */
  readonly phases: number;
  /** Numbers from the first output of a plane to behind its last. */
  readonly flat: number;
  /** The input as it comes is as the kernel reads it. */
  readonly asItIs: boolean;
  /** Where the weight (channel, ky, kx) looks for the first output, in bytes from the first plane. */
  offset(channel: number, ky: number, kx: number): number;
}

interface Phase {
  /** Columns of padding before the first number, and columns up to behind the last. */
  readonly before: number;
  readonly end: number;
  /** Columns that the last output reads, at least. */
  readonly reach: number;
}

function phasesOf(shape: ConvShape): Phase[] {
  const { width, outWidth, kernel, strides, dilations, pads } = shape;
  const [stride, dilation, before] = [strides[1], dilations[1], pads[1]];
  return Array.from({ length: stride }, (_, phase) => {
    const upTo = (limit: number): number => Math.max(0, Math.ceil((limit - phase) / stride));
    let reach = 0;
    for (let kx = 0; kx < kernel[1]; kx++)
      if ((kx * dilation) % stride === phase) reach = Math.max(reach, outWidth + Math.floor((kx * dilation) / stride));
    return { before: upTo(before), end: upTo(before + width), reach };
  });
}

/** Rows may share their padding: what is read behind the end of one is then the padding before the next. */
const pitchOf = (shape: ConvShape): number =>
  Math.max(shape.outWidth, ...phasesOf(shape).map(({ before, end, reach }) => Math.max(end, reach - before)));

export function geometryOf(shape: ConvShape): Geometry {
  const { kernel, strides, dilations, pads, outHeight, outWidth, height, width } = shape;
  const asItIs =
    strides.every((s) => s === 1) && pads.every((p) => p === 0) && (outWidth === width || kernel[0] * kernel[1] === 1) && height > 0;
  const pitch = pitchOf(shape);
  // one row more: the end of the last one is read into it
  const planeRows = outHeight + Math.floor(((kernel[0] - 1) * dilations[0]) / strides[0]) + 1;
  const planeBytes = asItIs ? 4 * height * width : 4 * planeRows * pitch + 16;
  const phases = strides[0] * strides[1];
  return {
    pitch,
    planeRows,
    planeBytes,
    phases,
    flat: (outHeight - 1) * pitch + outWidth,
    asItIs,
    offset(channel, ky, kx) {
      const [y, x] = [ky * dilations[0], kx * dilations[1]];
      const phase = (y % strides[0]) * strides[1] + (x % strides[1]);
      const place = Math.floor(y / strides[0]) * pitch + Math.floor(x / strides[1]);
      return (channel * phases + phase) * planeBytes + 4 * place;
    },
  };
}

/** Spreads planes of one image of such a shape, from x on. */
export function spreadPlanes(machine: Machine, shape: ConvShape, geometry: Geometry, planes: number, x: number, out: number): void {
  const { height, width, pads, strides } = shape;
  const { pitch, planeBytes, planeRows, phases } = geometry;
  machine.inParts(planes, 1, 3 * planes * phases * planeRows * pitch, ({ spread }, first, count) =>
    spread(
      x + 4 * first * height * width,
      count,
      height,
      width,
      pads[0],
      pads[1],
      strides[0],
      strides[1],
      pitch,
      planeBytes,
      planeRows,
      out + first * phases * planeBytes,
    ),
  );
}
