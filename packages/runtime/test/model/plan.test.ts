/** What a plan does with a graph: nodes joined, memory shared; and that the results stay those of ONNX Runtime. */
import { describe, expect, test } from 'vitest';
import { writePith } from '../../src/format/write.js';
import { peakOf, placed, type Slot } from '../../src/model/arena.js';
import { load } from '../../src/model/load.js';
import type { LoadedModel } from '../../src/model/loaded-model.js';
import { bell, node, random, value } from '../help/models.js';
import { Net, networks, type StoredForm, storedAs } from '../help/networks.js';
import { runOrt, worst } from '../help/ort.js';

function open(name: string, form: StoredForm = 'sparse'): Promise<LoadedModel> {
  const model = networks[name]!();
  return load(writePith({ model, stored: storedAs(form, model) }).bytes);
}

const ops = (model: LoadedModel): string[] => model.explain().map(({ op }) => op);

describe('nodes are joined', () => {
  test('batch normalization and clamps with the convolution before them', async () => {
    const steps = (await open('mobilenet')).explain();
    expect(steps.filter(({ op }) => ['BatchNormalization', 'Clip', 'Relu'].includes(op))).toEqual([]);
    expect(steps[0]!.fused).toEqual([expect.stringMatching(/^BatchNormalization/), expect.stringMatching(/^Clip/)]);
  });

  test('ReLU with the sum before it', async () => {
    expect((await open('shufflenet')).explain().find(({ op }) => op === 'Add')!.kernel).toBe('add-clamp');
  });

  test('a bias with the product before it, and the written-out GELU', async () => {
    const names = ops(await open('transformer'));
    expect(names.filter((op) => op === 'Gelu')).toHaveLength(1);
    expect(names.filter((op) => op === 'Erf')).toEqual([]);
    // positions, mask and two shortcuts
    expect(names.filter((op) => op === 'Add')).toHaveLength(4);
  });

  test.each([
    ['Sigmoid', {}, 'Swish'],
    ['HardSigmoid', { alpha: { float: 1 / 6 } }, 'HardSwish'],
    ['HardSigmoid', {}, undefined],
  ])('%s of x times x, where its numbers fit (%o)', async (gate, given, becomes) => {
    const net = new Net(5);
    const x = net.conv('x', { from: 2, to: 3, kernel: 1 });
    net.nodes.push(node('Mul', [net.add(gate, [x], given), x], ['y']));
    const model = net.model([value('x', 1, 2, 4, 4)]);
    const loaded = await load(writePith({ model }).bytes);
    expect(ops(loaded)).toEqual(becomes ? ['Conv', becomes] : ['Conv', gate, 'Mul']);
    const feeds = { x: { dims: [1, 2, 4, 4], data: Float32Array.from({ length: 32 }, (_, i) => i / 8 - 2) } };
    expect(worst((await loaded.run(feeds))['y']!, (await runOrt(model, feeds))['y']!)).toBeLessThanOrEqual(1);
  });

  test('not a value that somebody else reads', async () => {
    const net = new Net(6);
    const x = net.conv('x', { from: 2, to: 2, kernel: 1 });
    net.nodes.push(node('Add', [net.relu(x), x], ['y']));
    expect(ops(await load(writePith({ model: net.model([value('x', 1, 2, 4, 4)]) }).bytes))).toEqual(['Conv', 'Relu', 'Add']);
  });
});

test.each([
  ['adds shared sums where activations are signs', -1, 'conv-binary'],
  ['does not where they are something else', 0, undefined],
])('a convolution of binary weights %s', async (_, low, kernel) => {
  const net = new Net(7);
  const positive = net.add('GreaterOrEqual', ['x', net.scalar(0)]);
  const signs = net.add('Where', [positive, net.scalar(1), net.scalar(low)]);
  const next = random(8);
  const data = Float32Array.from({ length: 64 * 64 * 9 }, () => (next() < 0.5 ? -0.25 : 0.25));
  const weight = net.constant({ dtype: 'float32', dims: [64, 64, 3, 3], data });
  net.nodes.push(node('Conv', [signs, weight], ['y'], { pads: [1, 1, 1, 1] }));
  const model = net.model([value('x', 1, 64, 9, 9)]);
  const loaded = await load(writePith({ model }).bytes);
  const chosen = loaded.explain().find(({ op }) => op === 'Conv')!;
  expect(chosen.choices.some((choice) => choice.kernel === 'conv-binary')).toBe(kernel !== undefined);
  if (kernel !== undefined) expect(chosen.kernel).toBe(kernel);
  const feeds = { x: { dims: [1, 64, 9, 9], data: Float32Array.from({ length: 64 * 81 }, () => next() - 0.5) } };
  expect(worst((await loaded.run(feeds))['y']!, (await runOrt(model, feeds))['y']!)).toBeLessThanOrEqual(1);
});

describe('explain', () => {
  test.each(Object.keys(networks))('says of each step of %s what is done and what it takes', async (name) => {
    for (const step of (await open(name)).explain()) {
      expect(step.kernel).not.toBe('');
      expect(step.why).toMatch(/^about .* µs|^the only kernel/);
      expect(step.multiplyAdds).toBeLessThanOrEqual(step.denseMultiplyAdds);
      expect(step.activationBytes).toBe(step.dims.reduce((sum, dims) => sum + 4 * dims.reduce((a, b) => a * b, 1), 0));
      expect(step.choices.map(({ nanoseconds }) => nanoseconds)).toEqual(step.choices.map((c) => c.nanoseconds).sort((a, b) => a - b));
    }
  });

  test('counts what pruning saves', async () => {
    const [dense, sparse] = await Promise.all([open('squeezenet', 'dense'), open('squeezenet', 'sparse')]);
    const sum = (model: LoadedModel): number => model.explain().reduce((total, { multiplyAdds }) => total + multiplyAdds, 0);
    const whole = (model: LoadedModel): number => model.explain().reduce((total, step) => total + step.denseMultiplyAdds, 0);
    expect(whole(sparse)).toBe(whole(dense));
    expect(sum(sparse)).toBeLessThan(0.4 * sum(dense));
    expect(sparse.memory.weights).toBeLessThan(dense.memory.weights);
  });
});

describe('memory', () => {
  test('what is dead is used again, and the peak is that of two neighbours in a chain', async () => {
    const net = new Net(7);
    let x = 'x';
    for (let i = 0; i < 6; i++) x = net.add('Sigmoid', [net.conv(x, { from: 4, to: 4, kernel: 1 })]);
    net.head(x, 4);
    const loaded = await load(writePith({ model: net.model([value('x', 1, 4, 8, 8)]) }).bytes);
    expect(loaded.memory.peakActivations).toBe(2 * 4 * 4 * 8 * 8);
    expect(loaded.memory.arena).toBeLessThan(3 * 4 * 4 * 8 * 8 + 1000);
  });

  test('parts of a concatenation are made in their places', async () => {
    expect(ops(await open('inception'))).not.toContain('Concat');
    expect(ops(await open('squeezenet'))).not.toContain('Concat');
  });

  test('slots that live at the same time never overlap, and no fewer bytes than the peak are taken', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const slots = Array.from({ length: 1 + Math.floor(next() * 60) }, (): Slot => {
        const first = Math.floor(next() * 150) - 1;
        return { bytes: Math.floor(next() * 5) * 64, first, last: first + Math.floor(next() ** 3 * 90) };
      });
      const { offsets, bytes } = placed(slots);
      for (const [i, a] of slots.entries())
        for (const [k, b] of slots.entries()) {
          if (i <= k || a.first > b.last || b.first > a.last) continue;
          const apart = offsets[i]! + a.bytes <= offsets[k]! || offsets[k]! + b.bytes <= offsets[i]!;
          expect(apart || a.bytes === 0 || b.bytes === 0, `seed ${seed}: ${i} and ${k}`).toBe(true);
        }
      expect(bytes).toBeGreaterThanOrEqual(peakOf(slots));
      expect(Math.max(...slots.map((slot, i) => offsets[i]! + slot.bytes))).toBeLessThanOrEqual(bytes);
    }
  });
});

/** A graph of operators that share memory in every way there is, from one seed. */
function tangled(seed: number): Net {
  const next = random(seed);
  const net = new Net(seed);
  const dims = [1, 4, 3, 5];
  // values of the shape above, all of which a later node may read
  const values = ['x'];
  const pick = (): string => values[Math.floor(next() * values.length)]!;
  const makers: (() => void)[] = [
    () => values.push(net.add('Relu', [pick()])),
    () => values.push(net.add('Add', [pick(), pick()])),
    () =>
      values.push(net.add('Mul', [pick(), net.constant({ dtype: 'float32', dims: [4, 1, 1], data: Float32Array.of(1, -0.5, 0.5, 1) })])),
    () => values.push(net.conv(pick(), { from: 4, to: 4, kernel: 3 })),
    () => values.push(net.add('Reshape', [net.add('Tanh', [net.add('Reshape', [pick(), net.ints(4, -1)])]), net.ints(...dims)])),
    () => {
      const joined = net.add('Concat', [pick(), pick(), net.add('Neg', [pick()])], { axis: 1 });
      const [a, b, c] = net.several('Split', [joined, net.ints(4, 4, 4)], 3, { axis: 1 });
      values.push(a!, b!, net.add('Sub', [c!, a!]));
    },
    () => {
      const halves = net.several('Split', [pick(), net.ints(1, 3)], 2, { axis: 1 });
      values.push(net.add('Concat', [net.add('Abs', [halves[1]!]), halves[0]!], { axis: 1 }));
    },
    () => {
      const part = net.add('Slice', [pick(), net.ints(1), net.ints(3), net.ints(1)]);
      values.push(net.add('Concat', [part, net.add('Sigmoid', [part])], { axis: 1 }));
    },
    () => values.push(net.add('Transpose', [net.add('Transpose', [pick()], { perm: [0, 2, 3, 1] })], { perm: [0, 3, 1, 2] })),
  ];
  for (let i = 0; i < 12; i++) makers[Math.floor(next() * makers.length)]!();
  net.nodes.push(node('Concat', [values.at(-1)!, pick(), pick()], ['y'], { axis: 1 }));
  return net;
}

test('values that share memory keep what they hold: graphs of any shape give what ONNX Runtime gives', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const model = tangled(seed).model([value('x', 1, 4, 3, 5)]);
    const feeds = { x: { dims: [1, 4, 3, 5], data: Float32Array.from({ length: 60 }, () => bell(next)) } };
    const loaded = await load(writePith({ model }).bytes);
    const expected = (await runOrt(model, feeds))['y']!;
    expect(worst((await loaded.run(feeds))['y']!, expected), `seed ${seed}`).toBeLessThanOrEqual(1);
    // what is left in the heap by a run makes no difference to the next
    expect(worst((await loaded.run(feeds))['y']!, expected), `seed ${seed}, again`).toBeLessThanOrEqual(1);
  }
});
