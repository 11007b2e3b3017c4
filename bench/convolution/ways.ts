/**
 * One convolution in four ways: direct loops, a blocked product over the whole matrix of patches (im2col), the same product over patches
 * that are packed as they are needed (implicit), and Winograd's. What each holds, and how many bytes it moves for its arithmetic.
 */
import type { ConvShape } from '../../packages/runtime/dist/kernels/choice.js';
import { convChoices } from '../../packages/runtime/dist/kernels/conv-choices.js';
import type { Machine } from '../../packages/runtime/dist/kernels/machine.js';
import { packPanels, panelLength } from '../../packages/runtime/dist/kernels/panels.js';

export interface Operands {
  readonly shape: ConvShape;
  /** [channels][size][size]. */
  readonly x: Float32Array;
  /** [outputs][channels][3][3]. */
  readonly weight: Float32Array;
}

export interface Way {
  readonly run: () => void;
  readonly result: () => Float32Array;
  /** Beside input and output: weights as they are packed, and matrices in between. */
  readonly bytes: number;
  /** Multiplications and additions that are done. */
  readonly operations: number;
  /** Each operand read or written once, those in between written and read. */
  readonly moved: number;
}

export type WayName = 'direct loops' | 'im2col and blocked GEMM' | 'implicit GEMM' | 'Winograd F(2×2, 3×3)';

const common = ({ shape, weight }: Operands) => {
  const { channels, outputs, height, width } = shape;
  const pixels = height * width;
  return {
    outputs: outputs * pixels,
    patches: channels * 9 * pixels,
    operations: 2 * outputs * channels * 9 * pixels,
    operands: 4 * (channels * pixels + weight.length + outputs * pixels),
  };
};

/** Over planes with a row and a column of zeros around. */
function loops(
  x: Float32Array,
  weight: Float32Array,
  y: Float32Array,
  channels: number,
  outputs: number,
  height: number,
  width: number,
): void {
  const pitch = width + 2;
  const plane = (height + 2) * pitch;
  for (let o = 0, at = 0; o < outputs; o++)
    for (let r = 0; r < height; r++)
      for (let i = 0; i < width; i++, at++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) {
          const [from, w] = [c * plane + r * pitch + i, (o * channels + c) * 9];
          for (let ky = 0; ky < 3; ky++) for (let kx = 0; kx < 3; kx++) sum += weight[w + 3 * ky + kx]! * x[from + ky * pitch + kx]!;
        }
        y[at] = sum;
      }
}

function padded({ shape: { channels, height, width }, x }: Operands): Float32Array {
  const pitch = width + 2;
  const out = new Float32Array(channels * (height + 2) * pitch);
  for (let c = 0; c < channels; c++)
    for (let r = 0; r < height; r++) {
      const row = (c * height + r) * width;
      out.set(x.subarray(row, row + width), (c * (height + 2) + r + 1) * pitch + 1);
    }
  return out;
}

function direct(operands: Operands): Way {
  const { shape, weight } = operands;
  const { channels, outputs, height, width } = shape;
  const { operations, operands: moved } = common(operands);
  const y = new Float32Array(outputs * height * width);
  const planes = padded(operands);
  // so that the engine has compiled it for speed
  for (let i = 0; i < 200; i++) loops(planes, weight, y, Math.min(channels, 8), 1, 8, 8);
  return {
    run: () => loops(planes, weight, y, channels, outputs, height, width),
    result: () => y,
    bytes: 4 * (weight.length + planes.length),
    operations,
    moved,
  };
}

/** Row (c, ky, kx) of the matrix of patches is plane c, moved. */
function patches({ shape: { channels, height, width }, x }: Operands, out: Float32Array): void {
  let to = 0;
  for (let c = 0; c < channels; c++)
    for (let ky = -1; ky <= 1; ky++)
      for (let kx = -1; kx <= 1; kx++)
        for (let r = 0; r < height; r++, to += width) {
          if (r + ky < 0 || r + ky >= height) {
            out.fill(0, to, to + width);
            continue;
          }
          const row = (c * height + r + ky) * width;
          const [first, end] = [Math.max(0, -kx), Math.min(width, width - kx)];
          out[to] = 0;
          out[to + width - 1] = 0;
          out.set(x.subarray(row + first + kx, row + end + kx), to + first);
        }
}

function blocked(operands: Operands, machine: Machine): Way {
  const { shape, weight } = operands;
  const { channels, outputs, height, width } = shape;
  const [k, pixels] = [9 * channels, height * width];
  const { operations, operands: moved, patches: size, outputs: count } = common(operands);
  const length = panelLength(outputs, k);
  const packed = new Float32Array(length);
  packPanels(weight, outputs, k, packed);
  const [a, bias] = [machine.put(packed), machine.put(new Float32Array(outputs + 6))];
  const [matrix, y] = [machine.allocate(4 * size), machine.allocate(4 * count)];
  const scratchBytes = machine.exports.gemmScratch(k, pixels);
  const scratch = machine.allocate(scratchBytes);
  return {
    run() {
      patches(operands, machine.floats(matrix, size));
      machine.exports.gemm(a, outputs, k, matrix, 4 * pixels, pixels, y, 4 * pixels, bias, -Infinity, Infinity, scratch);
    },
    result: () => machine.floats(y, count).slice(),
    bytes: 4 * length + 4 * size + scratchBytes,
    operations,
    moved: moved + 8 * size,
  };
}

function chosen(kernel: string, operands: Operands, machine: Machine): Way {
  const { shape, weight, x } = operands;
  const { outputs: count, operands: least, operations } = common(operands);
  const dims = [shape.outputs, shape.channels, 3, 3];
  const stored = { kind: 'dense', tensor: { dtype: 'float32', dims, data: weight } } as const;
  const choice = convChoices(stored, shape, { low: -Infinity, high: Infinity }).find((each) => each.kernel === kernel);
  if (!choice) throw new Error(`no ${kernel} for this shape`);
  const bound = choice.pack(machine).bind(shape);
  const [at, y] = [machine.put(x), machine.allocate(4 * count)];
  const scratch = machine.allocate(bound.scratchBytes);
  const winograd = kernel === 'conv-winograd';
  // sixteen numbers for four outputs: those of the inputs and those of the products, each written and read
  const between = winograd ? (2 * 4 * 16 * (shape.channels + shape.outputs) * shape.height * shape.width) / 4 : 0;
  return {
    run: () => bound.run(at, y, scratch),
    result: () => machine.floats(y, count).slice(),
    bytes: choice.weightBytes + bound.scratchBytes,
    operations: winograd ? 2 * choice.multiplyAdds : operations,
    moved: least + (choice.weightBytes - 4 * weight.length) + between,
  };
}

export const ways: Readonly<Record<WayName, (operands: Operands, machine: Machine) => Way>> = {
  'direct loops': direct,
  'im2col and blocked GEMM': blocked,
  'implicit GEMM': (operands, machine) => chosen('conv-dense', operands, machine),
  'Winograd F(2×2, 3×3)': (operands, machine) => chosen('conv-winograd', operands, machine),
};
