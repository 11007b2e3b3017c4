import { describe, expect, test } from 'vitest';
import type { LinearShape } from '../../src/kernels/choice.js';
import { linearChoices, linearWays } from '../../src/kernels/linear-choices.js';
import { Machine } from '../../src/kernels/machine.js';
import { noise, rounded, sumOf, worst } from './twin.js';
import { type WeightCase, weightCases } from './weights.js';

const machine = Machine.open();
const base = machine.mark();

interface Tried {
  readonly what: string;
  readonly fits: boolean;
  readonly error: number;
}

function tried(way: string, shape: LinearShape, { name, make }: WeightCase, spoil = false): Tried {
  machine.release(base);
  const { count, inputs, outputs } = shape;
  const { stored, dense } = make([outputs, inputs]);
  const [scale, bias, x] = [noise(outputs, 7), noise(outputs, 8), noise(count * inputs, 9)];
  const what = `${count} × ${inputs} → ${outputs}: ${name}`;
  const choice = linearChoices(stored, shape, { scale, bias, low: -0.5, high: Infinity }, { reducedPrecision: true }).find(
    ({ kernel }) => kernel === way,
  );
  if (!choice) return { what, fits: false, error: 0 };
  const expected = new Float64Array(count * outputs);
  for (let n = 0; n < count; n++)
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += dense[o * inputs + i]! * x[n * inputs + i]!;
      expected[n * outputs + o] = Math.max(sum * scale[o]! + bias[o]!, -0.5);
    }
  const packed = choice.pack(machine);
  // another shape first: nothing of it may be left
  packed.bind({ ...shape, count: count + 3 });
  const bound = packed.bind(shape);
  const at = machine.put(spoil ? x.map((v) => v + 1) : x);
  const y = machine.allocate(4 * expected.length);
  const behind = new Uint8Array(64).fill(7);
  const after = machine.put(behind);
  const scratch = machine.allocate(bound.scratchBytes);
  const end = machine.put(behind);
  machine.bytes(scratch, bound.scratchBytes).fill(255);
  bound.run(at, y, scratch);
  if ([after, end].some((place) => machine.bytes(place, 64).some((byte) => byte !== 7)))
    return { what: `${what} wrote beyond its room`, fits: true, error: Infinity };
  const tolerance = choice.exact ? sumOf(inputs) : rounded(inputs, Math.max(...dense.map(Math.abs)));
  return { what, fits: true, error: worst({ actual: machine.floats(y, expected.length), expected }, tolerance) };
}

const counts = [1, 2, 4, 5, 7, 13];
const sizes = [
  [1, 1],
  [3, 7],
  [5, 8],
  [16, 9],
  [17, 31],
  [40, 33],
  [400, 10],
] as const;
const shapes = counts.flatMap((count) => sizes.map(([inputs, outputs]): LinearShape => ({ count, inputs, outputs })));

describe.each(linearWays.map(({ name }) => name))('%s', (way) => {
  test('gives what the definition gives, for all shapes that it fits', () => {
    const results = shapes.flatMap((shape) => weightCases.map((weight) => tried(way, shape, weight)));
    expect(results.filter(({ fits }) => fits).length).toBeGreaterThan(3);
    expect(results.filter(({ error }) => error > 1)).toEqual([]);
  });

  test('is found wrong where its input is another', () => {
    const shape: LinearShape = { count: 5, inputs: 40, outputs: 33 };
    const [here] = weightCases.map((weight) => tried(way, shape, weight, true)).filter(({ fits }) => fits);
    expect(here?.error).toBeGreaterThan(1);
  });
});

test.each(weightCases)('a memory that fails at any allocation is an error by name, and with more it works: $name', ({ make }) => {
  const shape: LinearShape = { count: 2, inputs: 40, outputs: 33 };
  const { stored } = make([shape.outputs, shape.inputs]);
  for (const choice of linearChoices(stored, shape, { low: -Infinity, high: Infinity }, { reducedPrecision: true })) {
    const free = Machine.open();
    const before = free.used;
    choice.pack(free).bind(shape);
    for (let bytes = before; bytes < free.most; bytes += 512)
      expect(() => choice.pack(Machine.open({ maxBytes: bytes })).bind(shape)).toThrow(expect.objectContaining({ code: 'limit.memory' }));
    expect(() => choice.pack(Machine.open({ maxBytes: free.most })).bind(shape)).not.toThrow();
  }
});
