/** Planes spread and gathered, number by number. */
import { equal, noise, type Twin, type TwinCase } from '../twin.js';

function spreadCase(height: number, width: number, top: number, left: number, strideY: number, strideX: number): TwinCase {
  return {
    what: `${height}×${width} by ${strideY}, ${strideX} behind ${top}, ${left}`,
    tolerance: equal,
    run(machine, spoil) {
      const planes = 2;
      const pitch = Math.ceil((left + width) / strideX);
      const rows = Math.ceil((top + height) / strideY) + 1;
      const [x, size] = [noise(planes * height * width, 1), rows * pitch + 3];
      const expected = new Float32Array(planes * strideY * strideX * size);
      for (let p = 0; p < planes; p++)
        for (let y = 0; y < height; y++)
          for (let i = 0; i < width; i++) {
            const phase = (p * strideY + ((y + top) % strideY)) * strideX + ((i + left) % strideX);
            const row = Math.floor((y + top) / strideY);
            expected[phase * size + row * pitch + Math.floor((i + left) / strideX)] = x[(p * height + y) * width + i]!;
          }
      spoil(x);
      const [from, to] = [machine.put(x), machine.allocate(4 * expected.length)];
      machine.floats(to, expected.length).fill(9);
      machine.exports.spread(from, planes, height, width, top, left, strideY, strideX, pitch, 4 * size, rows, to);
      return { actual: machine.floats(to, expected.length), expected };
    },
  };
}

const widths = [1, 2, 3, 4, 5, 7, 8, 9, 13];

export const spread: Twin = {
  name: 'spread',
  cases: [
    ...widths.map((width) => spreadCase(3, width, 1, 1, 1, 1)),
    ...widths.flatMap((width) => [0, 1, 2].map((left) => spreadCase(5, width, 1, left, 2, 2))),
    ...widths.map((width) => spreadCase(7, width, 2, 2, 3, 4)),
  ],
};

const gatherCase = (width: number): TwinCase => ({
  what: `rows of ${width}`,
  tolerance: equal,
  run(machine, spoil) {
    const [planes, height, pitch] = [2, 3, width + 2];
    const size = height * pitch + 1;
    const x = noise(planes * size, 1);
    const expected: number[] = [];
    for (let p = 0; p < planes; p++)
      for (let r = 0; r < height; r++) expected.push(...x.subarray(p * size + r * pitch, p * size + r * pitch + width));
    spoil(x);
    const [from, to] = [machine.put(x), machine.allocate(4 * expected.length)];
    machine.exports.gather(from, pitch, 4 * size, planes, height, width, to);
    return { actual: machine.floats(to, expected.length), expected };
  },
});

export const gather: Twin = { name: 'gather', cases: widths.map(gatherCase) };
