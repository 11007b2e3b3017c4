/** Workers where a loss is fed and arrays learn at rates of their own, as in rate–distortion training: what one session does, the rate counted once. */
import { describe, expect, test } from 'vitest';
import { launchShard } from '../../../dist/engine/shard-thread.js';
import { Random } from '../../../src/base/random.js';
import type { Model } from '../../../src/base/tensor.js';
import { onnxruntimeNode } from '../../../src/engine/onnxruntime-node.js';
import { parametrizationOf } from '../../../src/parametrization/list.js';
import { type RatedState, ratedFrom } from '../../../src/parametrization/rated.js';
import { distillation } from '../../../src/train/losses/distillation.js';
import type { Loss } from '../../../src/train/losses/loss.js';
import { adam } from '../../../src/train/optimizers/adam.js';
import { sgd } from '../../../src/train/optimizers/sgd.js';
import { parallelSessions } from '../../../src/train/parallel/stepper.js';
import { isWeight, parametersOf } from '../../../src/train/parameters.js';
import type { ProgramOptions } from '../../../src/train/program.js';
import { Pricing } from '../../../src/train/rate/pricing.js';
import { shapesOf } from '../../../src/train/rate/shape.js';
import { rateTerm } from '../../../src/train/rate/term.js';
import { type Stepping, singleSession } from '../../../src/train/stepper.js';
import { worst } from '../../support/compare.js';
import { inputAt, model, optionsOf, startOf } from './support.js';

const single: Stepping = singleSession({ engine: onnxruntimeNode, threads: 1 });
const parallel = (workers: number): Stepping => parallelSessions({ workers, launch: launchShard });

const weightsOf = (of: Model) => parametersOf(of).filter((p) => isWeight(p) || p.role === 'bias');

/** Biases, which begin at zero, are moved away from it, so that their steps have a gradient. */
const statesOf = (of: Model): Map<string, RatedState> =>
  new Map(
    weightsOf(of).map(({ name, dims, role }) => {
      const values = (of.graph.initializers.get(name)!.data as Float32Array).map((w, i) => (role === 'bias' ? 0.15 * (i - 2) : w));
      return [name, ratedFrom(dims, values, 0.1)];
    }),
  );

const task = distillation({ share: 0.6, temperature: 3 });

const ratedLoss = (of: Model): Loss => ({
  name: 'distillation and rate',
  build: (op, output, target, context) => op.Add(task.build(op, output, target, context), rateTerm(op, weightsOf(of), context)),
});

const paces = (of: Model): Map<string, number> =>
  new Map(
    weightsOf(of).flatMap(({ name, role }) => [[`${name}/shadow`, role === 'bias' ? 0.05 : 1] as const, [`${name}/step`, 0.25] as const]),
  );

const given = (of: Model, optimizer = sgd({ momentum: 0 }), more: Partial<ProgramOptions> = {}): ProgramOptions =>
  optionsOf(of, optimizer, { loss: ratedLoss(of), states: statesOf(of), paces: paces(of), weightDecay: 0, ...more });

interface Feeding {
  readonly lambda?: number;
  /** The rows of the teacher, in another order. */
  readonly turned?: boolean;
}

interface Trained {
  readonly losses: readonly number[];
  /** By how much training has moved each array. */
  readonly moved: ReadonlyMap<string, Float32Array>;
}

async function train(
  stepping: Stepping,
  options: ProgramOptions,
  steps: number,
  { lambda = 1e-3, turned = false }: Feeding = {},
): Promise<Trained> {
  const { model: of, optimizer } = options;
  const start = new Map(startOf(of));
  for (const [name, state] of options.states) for (const t of parametrizationOf(state).trained(name, state)) start.set(t.name, t.data);
  const pricing = new Pricing({ shapes: shapesOf(of, weightsOf(of)), lambda, from: 1, ramp: 0 });
  const { program, open } = stepping(options);
  const stepper = await open(start);
  try {
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const input = inputAt(step, optimizer);
      const teacher = Float32Array.from(input.targets, (_, i) => Random.of(8, step, i).normal());
      const feeds = new Map([['teacher', turned ? teacher.reverse() : teacher], ...pricing.at(step, steps, stepper.arrays())]);
      losses.push((await stepper.step({ ...input, feeds })).loss);
    }
    const arrays = stepper.arrays();
    const moved = program.slots
      .filter((s) => s.kind === 'trained')
      .map(({ input }): [string, Float32Array] => [input, arrays.get(input)!.map((x, i) => x - start.get(input)![i]!)]);
    return { losses, moved: new Map(moved) };
  } finally {
    await stepper.close();
  }
}

const rounding = {
  abs: 1e-7,
  rel: 1e-4,
  because: 'one step of float32 sums in another order, of weights of about 1: their difference has lost digits',
};

/** The worst of all arrays. */
function apart(a: Trained, b: Trained): number {
  expect([...a.moved.keys()].sort()).toEqual([...b.moved.keys()].sort());
  return Math.max(worst(a.losses, b.losses, rounding), ...[...b.moved].map(([name, array]) => worst(a.moved.get(name)!, array, rounding)));
}

describe('one step of rated training, without batch normalization', () => {
  const of = model(false);

  test.each([1, 2, 3])('by %s workers is that of one session', async (workers) => {
    const expected = await train(single, given(of), 1);
    expect(expected.moved.size).toBe(2 * weightsOf(of).length);
    for (const [name, array] of expected.moved)
      expect(
        array.some((x) => x !== 0),
        name,
      ).toBe(true);
    expect(apart(await train(parallel(workers), given(of), 1), expected)).toBeLessThanOrEqual(1);
  });

  test('with weight decay and clipping as well', async () => {
    const more = { weightDecay: 1e-2, clipNorm: 0.05 };
    const expected = await train(single, given(of, sgd({ momentum: 0 }), more), 1);
    expect(apart(await train(parallel(2), given(of, sgd({ momentum: 0 }), more), 1), expected)).toBeLessThanOrEqual(1);
  });

  test('the comparison notices a rate that counts once for each worker, rows of another shard, and paces left out', async () => {
    const expected = await train(single, given(of), 1);
    const twice = await train(parallel(2), given(of), 1, { lambda: 2e-3 });
    expect(apart(twice, expected)).toBeGreaterThan(1);
    expect(apart(await train(parallel(2), given(of), 1, { turned: true }), expected)).toBeGreaterThan(1);
    expect(apart(await train(parallel(2), given(of, sgd({ momentum: 0 }), { paces: new Map() }), 1), expected)).toBeGreaterThan(1);
  });
});

test('steps with batch normalization and Adam are the same twice, bit for bit, with prices from the live arrays', async () => {
  const options = given(model(true), adam());
  const first = await train(parallel(3), options, 12);
  expect(await train(parallel(3), options, 12)).toEqual(first);
  expect(await train(parallel(2), options, 12)).not.toEqual(first);
});

test.each([
  ['is missing', []],
  ['has too few values', [['teacher', new Float32Array(3)] as const]],
])('a feed that %s is refused, as one session refuses it', async (_, feeds) => {
  const options = given(model(false), sgd(), { loss: task });
  const start = new Map(startOf(options.model));
  for (const [name, state] of options.states) for (const t of parametrizationOf(state).trained(name, state)) start.set(t.name, t.data);
  const stepper = await parallel(2)(options).open(start);
  await expect(stepper.step({ ...inputAt(0, options.optimizer), feeds: new Map(feeds) })).rejects.toMatchObject({
    code: 'input.engine-run',
    detail: { at: { tensor: 'teacher' } },
  });
  await stepper.close();
});
