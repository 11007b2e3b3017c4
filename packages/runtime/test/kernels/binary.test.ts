import { expect, test } from 'vitest';
import { convChoices } from '../../src/kernels/conv-choices.js';
import { Machine } from '../../src/kernels/machine.js';
import { noise } from './twin.js';

const shape = {
  batch: 1,
  channels: 40,
  height: 6,
  width: 6,
  outputs: 3,
  groups: 1,
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
  outHeight: 6,
  outWidth: 6,
} as const;
const open = { low: -Infinity, high: Infinity };
const data = noise(3 * 40 * 9, 1).map((v) => (v < 0 ? -0.5 : 0.5));
const names = (weight: Float32Array, signs: boolean): string[] =>
  convChoices({ kind: 'dense', tensor: { dtype: 'float32', dims: [3, 40, 3, 3], data: weight } }, shape, open, { signs }).map(
    (c) => c.kernel,
  );

test('sums of signs are shared only where weights share a magnitude and activations are known to be signs', () => {
  expect(names(data, true)).toContain('conv-binary');
  expect(names(data, false)).not.toContain('conv-binary');
  expect(names(data.with(7, 0.25), true)).not.toContain('conv-binary');
});

test('another shape than the one before has its own padding', () => {
  const machine = Machine.open();
  const weight = { kind: 'dense', tensor: { dtype: 'float32', dims: [3, 40, 3, 3], data } } as const;
  const all = convChoices(weight, shape, open, { signs: true });
  const wide = { ...shape, width: 9, outWidth: 9 };
  const x = machine.put(noise(40 * 6 * 9, 2).map((v) => (v < 0 ? -1 : 1)));
  const [by, plain] = ['conv-binary', 'conv-dense'].map((name) => {
    const packed = all.find(({ kernel }) => kernel === name)!.pack(machine);
    packed.bind(shape);
    const bound = packed.bind(wide);
    const y = machine.allocate(4 * 3 * 6 * 9);
    bound.run(x, y, machine.allocate(bound.scratchBytes));
    return machine.floats(y, 3 * 6 * 9).slice();
  });
  // whole numbers times a half: exact in float32
  expect(by).toEqual(plain);
});
