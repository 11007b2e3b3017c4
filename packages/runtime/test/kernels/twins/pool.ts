/** The largest value and the mean of windows. */
import { equal, noise, sumOf, type Twin, type TwinCase } from '../twin.js';

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

const outputOf = ({ size, kernel, stride, dilation, pad }: Axis): number =>
  Math.floor((size + 2 * pad - (kernel - 1) * dilation - 1) / stride) + 1;

/** Places in the input that each window sees. */
const seen = (axis: Axis): number[][] =>
  Array.from({ length: outputOf(axis) }, (_, at) =>
    Array.from({ length: axis.kernel }, (_, k) => at * axis.stride - axis.pad + k * axis.dilation).filter((i) => i >= 0 && i < axis.size),
  );

const axis = (size: number, kernel: number, stride: number, pad = 0, dilation = 1): Axis => ({ size, kernel, stride, dilation, pad });

const shapes: readonly (readonly [Axis, Axis])[] = [
  ...[3, 4, 5, 7, 8, 9, 12, 17].flatMap((width): (readonly [Axis, Axis])[] => [
    [axis(6, 2, 2), axis(width, 2, 2)],
    [axis(5, 3, 1, 1), axis(width, 3, 1, 1)],
    [axis(7, 3, 2, 1), axis(width, 3, 2, 1)],
    [axis(4, 2, 1), axis(width, 3, 3, 1)],
  ]),
  [axis(9, 2, 1, 1, 3), axis(11, 3, 2, 2, 2)],
];

const planes = 3;

const poolCase = (largest: boolean, [y, x]: readonly [Axis, Axis]): TwinCase => ({
  what: `${y.kernel}×${x.kernel} over ${y.size}×${x.size} by ${y.stride}, ${x.stride}`,
  tolerance: largest ? equal : sumOf(y.kernel * x.kernel),
  run(machine, spoil) {
    const input = noise(planes * y.size * x.size, 1);
    const [rows, columns] = [seen(y), seen(x)];
    const expected = Array.from({ length: planes }, (_, p) =>
      rows.map((down) =>
        columns.map((across) => {
          const window = down.flatMap((r) => across.map((c) => input[(p * y.size + r) * x.size + c]!));
          return largest ? Math.max(...window) : window.reduce((a, b) => a + b, 0) / window.length;
        }),
      ),
    ).flat(2);
    spoil(input);
    const numbers = [
      y.size,
      x.size,
      rows.length,
      columns.length,
      y.kernel,
      x.kernel,
      y.stride,
      x.stride,
      y.dilation,
      x.dilation,
      y.pad,
      x.pad,
    ];
    const form = machine.put(Int32Array.of(planes, ...numbers));
    const [from, to] = [machine.put(input), machine.allocate(4 * expected.length)];
    const line = machine.allocate(4 * (x.size + x.pad + columns.length * x.stride + x.kernel * x.dilation + 12));
    if (largest) machine.exports.maxPool(form, from, to, line);
    else {
      const counts = [rows, columns].map((list) => machine.put(Float32Array.from(list, (window) => window.length)));
      machine.exports.averagePool(form, from, to, line, counts[0]!, counts[1]!);
    }
    return { actual: machine.floats(to, expected.length), expected };
  },
});

export const maxPool: Twin = { name: 'maxPool', cases: shapes.map((shape) => poolCase(true, shape)) };
export const averagePool: Twin = { name: 'averagePool', cases: shapes.map((shape) => poolCase(false, shape)) };

export const maxPool2: Twin = {
  name: 'maxPool2',
  cases: [2, 3, 7, 8, 9, 18].flatMap((width) =>
    [2, 5].map(
      (height): TwinCase => ({
        what: `${height}×${width}`,
        tolerance: equal,
        run(machine, spoil) {
          const input = noise(planes * height * width, 1);
          const expected: number[] = [];
          for (let p = 0; p < planes; p++)
            for (let r = 0; r + 2 <= height; r += 2)
              for (let c = 0; c + 2 <= width; c += 2) {
                const at = (p * height + r) * width + c;
                expected.push(Math.max(input[at]!, input[at + 1]!, input[at + width]!, input[at + width + 1]!));
              }
          spoil(input);
          const [from, to] = [machine.put(input), machine.allocate(4 * expected.length)];
          machine.exports.maxPool2(from, to, planes, height, width);
          return { actual: machine.floats(to, expected.length), expected };
        },
      }),
    ),
  ),
};
