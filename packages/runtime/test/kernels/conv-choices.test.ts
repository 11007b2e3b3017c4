import { describe, expect, test } from 'vitest';
import type { ConvShape } from '../../src/kernels/choice.js';
import { convChoices, convWays } from '../../src/kernels/conv-choices.js';
import { Machine } from '../../src/kernels/machine.js';
import { noise, rounded, sumOf, worst } from './twin.js';
import { type WeightCase, weightCases } from './weights.js';

type Form = Partial<Omit<ConvShape, 'outHeight' | 'outWidth'>> & Pick<ConvShape, 'kernel'>;

function shapeOf(form: Form): ConvShape {
  const given = {
    batch: 1,
    channels: 5,
    height: 7,
    width: 9,
    outputs: 6,
    groups: 1,
    strides: [1, 1] as const,
    dilations: [1, 1] as const,
    pads: [0, 0, 0, 0] as const,
    ...form,
  };
  const out = (axis: 0 | 1, size: number): number =>
    Math.floor(
      (size + given.pads[axis] + given.pads[axis + 2]! - (given.kernel[axis] - 1) * given.dilations[axis] - 1) / given.strides[axis],
    ) + 1;
  return { ...given, outHeight: out(0, given.height), outWidth: out(1, given.width) };
}

/** Convolution as it is defined, in float64. */
function reference(shape: ConvShape, x: Float32Array, w: Float32Array, scale: Float32Array, bias: Float32Array, low: number): Float64Array {
  const { batch, channels, height, width, outputs, groups, kernel, strides, dilations, pads, outHeight, outWidth } = shape;
  const perGroup = channels / groups;
  const y = new Float64Array(batch * outputs * outHeight * outWidth);
  for (let n = 0, at = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let oy = 0; oy < outHeight; oy++)
        for (let ox = 0; ox < outWidth; ox++, at++) {
          let sum = 0;
          const first = Math.floor(o / (outputs / groups)) * perGroup;
          for (let c = 0, i = o * perGroup * kernel[0] * kernel[1]; c < perGroup; c++)
            for (let ky = 0; ky < kernel[0]; ky++)
              for (let kx = 0; kx < kernel[1]; kx++, i++) {
                const iy = oy * strides[0] + ky * dilations[0] - pads[0];
                const ix = ox * strides[1] + kx * dilations[1] - pads[1];
                if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
                sum += w[i]! * x[((n * channels + first + c) * height + iy) * width + ix]!;
              }
          y[at] = Math.max(sum * scale[o]! + bias[o]!, low);
        }
  return y;
}

const forms: readonly Form[] = [
  { kernel: [1, 1] },
  { kernel: [1, 1], batch: 3, channels: 20, outputs: 17, height: 14, width: 14 },
  { kernel: [1, 1], height: 1, width: 1 },
  { kernel: [1, 1], height: 1, width: 3, outputs: 1 },
  { kernel: [1, 1], strides: [2, 2] },
  { kernel: [1, 1], groups: 5, outputs: 10 },
  { kernel: [3, 3], pads: [1, 1, 1, 1] },
  { kernel: [3, 3], pads: [1, 1, 1, 1], batch: 2, height: 14, width: 14, channels: 45, outputs: 11 },
  { kernel: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] },
  { kernel: [3, 3], pads: [0, 0, 1, 1], strides: [2, 2], height: 8, width: 8 },
  ...[1, 2, 3, 4, 5, 6].map((width): Form => ({ kernel: [3, 3], pads: [1, 1, 1, 1], height: (width % 3) + 1, width })),
  { kernel: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], width: 5 },
  { kernel: [3, 3], pads: [2, 2, 2, 2], dilations: [2, 2] },
  { kernel: [3, 3], pads: [1, 0, 0, 2], strides: [1, 2], dilations: [2, 1] },
  { kernel: [3, 3], pads: [1, 1, 1, 1], groups: 5, outputs: 5 },
  { kernel: [3, 3], pads: [1, 1, 1, 1], groups: 5, outputs: 15, strides: [2, 2], batch: 2 },
  { kernel: [3, 3], groups: 2, channels: 8, outputs: 6 },
  { kernel: [5, 5], pads: [2, 2, 2, 2] },
  { kernel: [5, 5], pads: [2, 2, 2, 2], groups: 5, outputs: 5, strides: [2, 2] },
  { kernel: [5, 5], channels: 1, outputs: 20, height: 28, width: 28 },
  { kernel: [7, 7], pads: [3, 3, 3, 3], strides: [2, 2], channels: 3, height: 20, width: 21 },
  { kernel: [11, 11], pads: [2, 2, 2, 2], strides: [4, 4], channels: 3, height: 30, width: 31 },
  { kernel: [1, 7], pads: [0, 3, 0, 3] },
  { kernel: [1, 3], height: 1, width: 20, pads: [0, 1, 0, 1], strides: [1, 3] },
  { kernel: [7, 1], pads: [6, 0, 6, 0] },
];
const machine = Machine.open();
const base = machine.mark();

interface Tried {
  readonly what: string;
  readonly fits: boolean;
  readonly error: number;
}

const dimsOf = ({ outputs, channels, groups, kernel }: ConvShape): number[] => [outputs, channels / groups, ...kernel];

function tried(way: string, form: Form, { name, signs = false, make }: WeightCase, spoil = false): Tried {
  machine.release(base);
  const shape = shapeOf(form);
  const { stored, dense } = make(dimsOf(shape));
  const [scale, bias] = [noise(shape.outputs, 7), noise(shape.outputs, 8)];
  const what = `${JSON.stringify(form)}: ${name}`;
  const epilogue = { scale, bias, low: -0.5, high: Infinity };
  // chosen, packed and bound for another shape first: nothing of it may be left
  const other = shapeOf({ ...form, height: shape.height + 8, width: shape.width + 9 });
  const choice = convChoices(stored, other, epilogue, { signs, reducedPrecision: true }).find(({ kernel }) => kernel === way);
  if (!choice) return { what, fits: false, error: 0 };
  const numbers = noise(shape.batch * shape.channels * shape.height * shape.width, 9);
  const x = signs ? numbers.map(Math.sign) : numbers;
  const expected = reference(shape, x, dense, scale, bias, -0.5);
  const packed = choice.pack(machine);
  packed.bind(other);
  const bound = packed.bind(shape);
  const at = machine.put(spoil ? x.map((v) => 1 - v) : x);
  const y = machine.allocate(4 * expected.length);
  const behind = new Uint8Array(64).fill(7);
  const after = machine.put(behind);
  const scratch = machine.allocate(bound.scratchBytes);
  const end = machine.put(behind);
  machine.bytes(scratch, bound.scratchBytes).fill(255);
  bound.run(at, y, scratch);
  if ([after, end].some((place) => machine.bytes(place, 64).some((byte) => byte !== 7)))
    return { what: `${what} wrote beyond its room`, fits: true, error: Infinity };
  const terms = Math.max(1, dense.length / shape.outputs);
  const tolerance = choice.exact ? sumOf(terms) : rounded(terms, Math.max(...dense.map(Math.abs)));
  return { what, fits: true, error: worst({ actual: machine.floats(y, expected.length), expected }, tolerance) };
}

describe.each(convWays.map(({ name }) => name))('%s', (way) => {
  test('gives what the definition gives, for all forms that it fits', () => {
    const results = forms.flatMap((form) => weightCases.map((weight) => tried(way, form, weight)));
    expect(results.filter(({ fits }) => fits).length).toBeGreaterThan(3);
    expect(results.filter(({ error }) => error > 1)).toEqual([]);
  });

  test('is found wrong where its input is another', () => {
    const form: Form = { kernel: [3, 3], pads: [1, 1, 1, 1] };
    const [here] = weightCases.map((weight) => tried(way, form, weight, true)).filter(({ fits }) => fits);
    expect(here?.error).toBeGreaterThan(1);
  });
});

test.each(weightCases)(
  'a memory that fails at any allocation is an error by name, and with more it works: $name',
  ({ signs = false, make }) => {
    const shape = shapeOf({ kernel: [3, 3], pads: [1, 1, 1, 1] });
    const { stored } = make(dimsOf(shape));
    for (const choice of convChoices(stored, shape, { low: -Infinity, high: Infinity }, { signs, reducedPrecision: true })) {
      const free = Machine.open();
      const before = free.used;
      choice.pack(free).bind(shape);
      for (let bytes = before; bytes < free.most; bytes += 512)
        expect(() => choice.pack(Machine.open({ maxBytes: bytes })).bind(shape)).toThrow(expect.objectContaining({ code: 'limit.memory' }));
      expect(() => choice.pack(Machine.open({ maxBytes: free.most })).bind(shape)).not.toThrow();
    }
  },
);
