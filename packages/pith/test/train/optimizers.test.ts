/** Optimizers, weight decay and clipping: steps of a linear layer under squared error in the float64 reference, against plain loops. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model } from '../../src/base/tensor.js';
import { reference } from '../../src/engine/reference.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { losses } from '../../src/train/losses/list.js';
import { adam } from '../../src/train/optimizers/adam.js';
import type { Optimizer } from '../../src/train/optimizers/optimizer.js';
import { sgd } from '../../src/train/optimizers/sgd.js';
import { singleSession } from '../../src/train/stepper.js';
import { worst } from '../support/compare.js';

const [batch, inputs, outputs, steps] = [3, 2, 2, 6];
const start = { w: [0.5, -0.3, 0.2, 0.8], b: [0.1, -0.2] };

const model: Model = {
  irVersion: 8,
  opsets: new Map([['', 17]]),
  producerName: '',
  producerVersion: '',
  domain: '',
  modelVersion: 0,
  doc: '',
  metadata: new Map(),
  functions: [],
  graph: parseGraph(`linear(x: float32[N,2]) -> (y: float32[N,2]) {
    init w: float32[2,2] = [${start.w}]
    init b: float32[2] = [${start.b}]
    y = Gemm(x, w, b) { transB = 1 }
  }`),
};

interface Extra {
  readonly weightDecay: number;
  readonly clipNorm: number;
}

const dataAt = (step: number) => {
  const random = Random.of(4, 'data', step);
  const list = (n: number) => Float32Array.from({ length: n }, () => random.between(-1, 1));
  return { images: list(batch * inputs), targets: list(batch * outputs) };
};
const rateAt = (step: number): number => 0.2 / (1 + step);

async function run(optimizer: Optimizer, extra: Extra): Promise<number[]> {
  const none = { states: new Map(), frozen: new Set<string>(), statisticsMomentum: 0.9 };
  const { open } = singleSession({ engine: reference, threads: 0 })({
    model,
    batch,
    loss: losses['mean-squared-error'],
    optimizer,
    ...none,
    ...extra,
  });
  const stepper = await open(new Map([...model.graph.initializers].map(([name, t]) => [name, t.data as Float32Array])));
  for (let step = 0; step < steps; step++)
    await stepper.step({ ...dataAt(step), rate: rateAt(step), scalars: optimizer.scalarsAt(step + 1) });
  return ['w', 'b'].flatMap((name) => [...stepper.arrays().get(name)!]);
}

/** The new value and the new memory of one number, from its gradient. */
type Rule = (p: number, g: number, memory: number[], rate: number, step: number) => number;

const sgdRule =
  (momentum: number, nesterov: boolean): Rule =>
  (p, g, memory, rate) => {
    const v = momentum * (memory[0] ?? 0) + g;
    memory[0] = v;
    return p - rate * (nesterov ? g + momentum * v : v);
  };

const adamRule =
  (beta1: number, beta2: number, epsilon: number): Rule =>
  (p, g, memory, rate, step) => {
    const m = beta1 * (memory[0] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (memory[1] ?? 0) + (1 - beta2) * g * g;
    memory[0] = m;
    memory[1] = v;
    return p - (rate * (m / (1 - beta1 ** step))) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
  };

function expected(rule: Rule, { weightDecay, clipNorm }: Extra): number[] {
  const w = start.w.map(Math.fround);
  const b = start.b.map(Math.fround);
  const memory = [...w, ...b].map((): number[] => []);
  for (let step = 0; step < steps; step++) {
    const { images: x, targets: t } = dataAt(step);
    const dw = w.map(() => 0);
    const db = b.map(() => 0);
    for (let n = 0; n < batch; n++)
      for (let o = 0; o < outputs; o++) {
        let y = b[o]!;
        for (let i = 0; i < inputs; i++) y += w[o * inputs + i]! * x[n * inputs + i]!;
        const dy = (2 * (y - t[n * outputs + o]!)) / (batch * outputs);
        db[o]! += dy;
        for (let i = 0; i < inputs; i++) dw[o * inputs + i]! += dy * x[n * inputs + i]!;
      }
    const norm = Math.sqrt([...dw, ...db].reduce((sum, g) => sum + g * g, 0));
    const factor = clipNorm > 0 ? Math.min(1, clipNorm / norm) : 1;
    w.forEach((p, i) => {
      w[i] = rule(p, dw[i]! * factor + weightDecay * p, memory[i]!, rateAt(step), step + 1);
    });
    b.forEach((p, i) => {
      b[i] = rule(p, db[i]! * factor, memory[w.length + i]!, rateAt(step), step + 1);
    });
  }
  return [...w, ...b];
}

const rounding = { abs: 2e-6, rel: 2e-6, because: 'parameters, memory and scalars pass through float32 at each of six steps' };

const cases: readonly [string, Optimizer, Rule][] = [
  ['SGD with momentum', sgd({ momentum: 0.9 }), sgdRule(0.9, false)],
  ['SGD with Nesterov momentum', sgd({ momentum: 0.8, nesterov: true }), sgdRule(0.8, true)],
  ['SGD without momentum', sgd({ momentum: 0 }), sgdRule(0, false)],
  ['Adam', adam(), adamRule(0.9, 0.999, 1e-8)],
  ['Adam with other settings', adam({ beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }), adamRule(0.5, 0.9, 1e-3)],
];

const extras: readonly [string, Extra][] = [
  ['alone', { weightDecay: 0, clipNorm: 0 }],
  ['with weight decay, which biases do not get', { weightDecay: 0.1, clipNorm: 0 }],
  ['with the gradient clipped by its norm over all parameters', { weightDecay: 0, clipNorm: 0.4 }],
  ['with both: decay is added after clipping', { weightDecay: 0.1, clipNorm: 0.4 }],
  ['with a clip that is never reached', { weightDecay: 0, clipNorm: 1e6 }],
];

describe.each(cases)('%s', (_, optimizer, rule) => {
  test.each(extras)('%s', async (_, extra) => {
    expect(worst(await run(optimizer, extra), expected(rule, extra), rounding)).toBeLessThanOrEqual(1);
  });
});

test('the comparison notices Nesterov, another momentum, decay of biases and clipping', async () => {
  const plain: Extra = { weightDecay: 0, clipNorm: 0 };
  const actual = await run(sgd({ momentum: 0.9 }), plain);
  const others = [
    expected(sgdRule(0.9, true), plain),
    expected(sgdRule(0.89, false), plain),
    expected(sgdRule(0.9, false), { weightDecay: 0.01, clipNorm: 0 }),
    expected(sgdRule(0.9, false), { weightDecay: 0, clipNorm: 0.4 }),
  ];
  for (const other of others) expect(worst(actual, other, rounding)).toBeGreaterThan(1);
});

test('without momentum there is no memory to keep', () => {
  expect(sgd({ momentum: 0 }).slots).toEqual([]);
});
