import { describe, expect, test } from 'vitest';
import { type Model, sizeOf } from '../../src/base/tensor.js';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { reference } from '../../src/engine/reference.js';
import type { WeightState } from '../../src/parametrization/list.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.js';
import { evaluate } from '../../src/train/evaluate.js';
import {
  countWrong,
  type FitOptions,
  type FitPlan,
  type FitProgress,
  type FitResult,
  type FitState,
  fit,
  oneHot,
  withWeights,
} from '../../src/train/fit.js';
import { worst } from '../support/compare.js';
import { dense, failureOf, normalized, plan, sourceOf, stripes } from './tiny.js';

const data = stripes();
const source = sourceOf({ split: data.train, batch: 12, seed: 5, preprocess: defaultPreprocess }); // 4 steps an epoch

const run = (model: Model, of: FitPlan, more: Partial<FitOptions> = {}): Promise<FitResult> =>
  fit({ engine: onnxruntimeNode, threads: 1, model, source, plan: of, ...more });

const errorOf = async (model: Model) =>
  (await evaluate({ engine: onnxruntimeNode, model, split: data.test, preprocess: defaultPreprocess })).error;

/** Half of a weight pruned; two thirds of another shared. */
function parametrized(model: Model): Map<string, WeightState> {
  const of = (name: string) => {
    const { dims, data: values } = model.graph.initializers.get(name)!;
    return { dims, values: values as Float32Array };
  };
  const fc1 = of('fc1.weight');
  const fc2 = of('fc2.weight');
  const mask = Uint8Array.from(fc1.values, (_, i) => i % 2);
  return new Map<string, WeightState>([
    ['fc1.weight', { kind: 'sparse', ...fc1, values: fc1.values.map((w, i) => (mask[i] ? w : 0)), mask }],
    [
      'fc2.weight',
      {
        kind: 'shared',
        dims: fc2.dims,
        codebook: Float32Array.of(-0.4, -0.1, 0.1, 0.4),
        index: Uint16Array.from(fc2.values, (w, i) => (i % 3 === 0 ? 0 : w < -0.2 ? 1 : w < 0 ? 2 : w < 0.2 ? 3 : 4)),
        gapBits: 4,
      },
    ],
  ]);
}

const cases: readonly [string, () => Model, FitPlan, boolean][] = [
  ['SGD', dense, plan(), false],
  ['Adam on sparse and shared weights', dense, plan({ optimizer: 'adam', rate: 0.01 }), true],
  [
    'Adam with averaging on batch normalisation',
    normalized,
    plan({ optimizer: 'adam', rate: 0.01, averaging: { from: 0.4, every: 2, decay: 0.8 } }),
    false,
  ],
  [
    'Nesterov momentum, decay, clipping and smoothing',
    normalized,
    plan({ nesterov: true, weightDecay: 0.01, clipNorm: 0.5, labelSmoothing: 0.1 }),
    false,
  ],
];

describe.each(cases)('training by %s', (_, make, of, withStates) => {
  const model = make();
  const states = withStates ? parametrized(model) : new Map<string, WeightState>();

  test('learns', async () => {
    const result = await run(model, { ...of, epochs: 40 }, { states });
    const trained = withWeights(model, result.states, result.statistics);
    expect(await errorOf(model)).toBeGreaterThan(0.2);
    expect(await errorOf(trained)).toBeLessThan(0.1);
    expect(result.history.at(-1)!.loss).toBeLessThan(result.history[0]!.loss / 2);
  });

  test('ends with the same bits from every step it is resumed at', async () => {
    const saved: FitState[] = [];
    const whole = await run(model, of, { states, onStep: (state) => void saved.push(state()) });
    expect(saved).toHaveLength(12);
    for (const state of saved) {
      // through the bytes of a checkpoint, as a run folder has it
      const { arrays, ...place } = state;
      const back = decodeCheckpoint(new Uint8Array(Buffer.concat(encodeCheckpoint({ arrays, state: place }))));
      const resume = { ...(back.state as typeof place), arrays: back.arrays as FitState['arrays'] };
      expect(await run(model, of, { states, resume }), `epoch ${state.epoch}, step ${state.step}`).toEqual(whole);
    }
    expect(await run(model, of, { states })).toEqual(whole);
  });

  test('does not change what it was given', async () => {
    const again = make();
    await run(again, of, { states: withStates ? parametrized(again) : new Map() });
    expect(again.graph.initializers).toEqual(model.graph.initializers);
  });
});

test('going on without the memory of the optimizer, from the wrong step or with the wrong sums is noticed', async () => {
  const saved: FitState[] = [];
  const whole = await run(dense(), plan(), { onStep: (state) => void saved.push(state()) });
  const state = saved[5]!;
  const forgetful = { ...state, arrays: new Map([...state.arrays].filter(([name]) => !name.endsWith('/momentum'))) };
  for (const resume of [forgetful, { ...state, step: state.step + 1 }, { ...state, lossSum: 0 }])
    expect(await run(dense(), plan(), { resume })).not.toEqual(whole);
});

test('the float64 reference trains to the same weights', async () => {
  const expected = await run(dense(), plan(), { engine: reference });
  const actual = await run(dense(), plan());
  const rounding = { abs: 1e-5, rel: 1e-4, because: 'twelve steps in float32 against double arithmetic between float32 weights' };
  for (const [name, state] of expected.states) {
    if (state.kind !== 'dense') throw new Error(name);
    const other = actual.states.get(name) as typeof state;
    expect(worst(other.values, state.values, rounding), name).toBeLessThanOrEqual(1);
    expect(
      worst(
        other.values,
        state.values.map((w) => w * 1.001 + 1e-4),
        rounding,
      ),
      name,
    ).toBeGreaterThan(1);
  }
});

describe('what is trained', () => {
  test('are all parameters; statistics come back apart', async () => {
    const result = await run(normalized(), plan());
    expect([...result.states.keys()].sort()).toEqual(['bn.bias', 'bn.weight', 'conv.weight', 'fc.bias', 'fc.weight']);
    expect([...result.statistics.keys()].sort()).toEqual(['bn.running_mean', 'bn.running_var']);
    expect(result.statistics.get('bn.running_mean')).not.toEqual(new Float32Array(4));
    for (const state of result.states.values()) expect(state.kind === 'dense' && state.values.length).toBe(sizeOf(state.dims));
  });

  test('is not what is frozen', async () => {
    const model = normalized();
    const frozen = new Set(['conv.weight', 'bn.running_mean', 'bn.running_var', 'fc.bias']);
    const result = await run(model, plan(), { frozen });
    expect([...result.states.keys()].sort()).toEqual(['bn.bias', 'bn.weight', 'fc.weight']);
    expect(result.statistics.size).toBe(0);
  });

  test('stays pruned, and shared', async () => {
    const model = dense();
    const states = parametrized(model);
    const result = await run(model, plan(), { states });
    const [sparse, shared] = [result.states.get('fc1.weight')!, result.states.get('fc2.weight')!];
    const [before, beforeShared] = [states.get('fc1.weight')!, states.get('fc2.weight')!];
    if (sparse.kind !== 'sparse' || shared.kind !== 'shared' || before.kind !== 'sparse' || beforeShared.kind !== 'shared')
      throw new Error('kinds');
    expect(sparse.mask).toEqual(before.mask);
    expect(sparse.values.every((w, i) => before.mask[i] === 1 || w === 0)).toBe(true);
    expect(sparse.values).not.toEqual(before.values);
    expect(shared.index).toEqual(beforeShared.index);
    expect(shared.codebook).not.toEqual(beforeShared.codebook);
  });

  test('is nothing where all is frozen', async () => {
    const model = dense();
    const frozen = new Set(model.graph.initializers.keys());
    await expect(run(model, plan(), { frozen })).rejects.toMatchObject({ code: 'usage.nothing-to-train' });
  });
});

describe('progress', () => {
  test('never goes back, and ends at the end', async () => {
    const seen: FitProgress[] = [];
    const result = await run(dense(), plan(), { onProgress: (p) => seen.push(p) });
    expect(seen.map((p) => p.epoch * p.steps + p.step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(seen.every((p) => p.epochs === 3 && p.steps === 4 && p.loss > 0 && p.error >= 0 && p.error <= 1)).toBe(true);
    expect(seen.filter((p) => p.step === p.steps).map(({ loss, error }) => ({ loss, error }))).toEqual(result.history);
    expect(seen[0]!.rate).toBe(0.05);
  });
});

describe('stopping', () => {
  test('a loss that is no number ends it at once', async () => {
    let steps = 0;
    await expect(run(dense(), plan({ rate: 1e30 }), { onProgress: () => steps++ })).rejects.toMatchObject({ code: 'numeric.loss' });
    expect(steps).toBeLessThan(6);
  });

  test('the signal ends it after the step, with the state to go on from', async () => {
    const whole = await run(dense(), plan());
    const controller = new AbortController();
    const states: FitState[] = [];
    const error = await failureOf(() =>
      run(dense(), plan(), {
        signal: controller.signal,
        onProgress: ({ epoch, step }) => {
          if (epoch === 1 && step === 2) controller.abort();
        },
        onStep: (state) => {
          if (controller.signal.aborted) states.push(state());
        },
      }),
    );
    expect(error).toMatchObject({ code: 'interrupted.cancelled' });
    expect(states[0]).toMatchObject({ epoch: 1, step: 2 });
    expect(await run(dense(), plan(), { resume: states[0]! })).toEqual(whole);
  });

  test('a signal that comes while it waits for a batch leaves the state, too', async () => {
    const whole = await run(dense(), plan());
    const controller = new AbortController();
    async function* slow(from: Parameters<typeof source.stream>[0]) {
      for await (const batch of source.stream(from)) {
        if (batch.epoch === 1 && batch.step === 1) controller.abort();
        yield batch;
      }
    }
    let last: FitState | undefined;
    const onStep = (state: () => FitState) => {
      if (controller.signal.aborted) last = state();
    };
    const error = await failureOf(() => run(dense(), plan(), { source: { ...source, stream: slow }, signal: controller.signal, onStep }));
    expect(error).toMatchObject({ code: 'interrupted.cancelled' });
    expect(last).toMatchObject({ epoch: 1, step: 1 });
    expect(await run(dense(), plan(), { resume: last })).toEqual(whole);
  });

  test('a signal before the first step ends it before the first step', async () => {
    const signal = AbortSignal.abort();
    await expect(run(dense(), plan(), { signal })).rejects.toMatchObject({ code: 'interrupted.cancelled' });
  });

  test('an error of the caller passes through', async () => {
    const onStep = () => {
      throw new Error('the disk is full');
    };
    await expect(run(dense(), plan(), { onStep })).rejects.toThrow('the disk is full');
  });
});

describe('refusals', () => {
  test('a label that the network has no output for', async () => {
    const split = { ...data.train, labels: Uint16Array.from(data.train.labels, (l) => l + 1) };
    const wrong = sourceOf({ split, batch: 12, seed: 5, preprocess: defaultPreprocess });
    await expect(run(dense(), plan(), { source: wrong })).rejects.toMatchObject({ code: 'input.label' });
  });

  test('a state of another model', async () => {
    const resume: FitState = {
      arrays: new Map([['fc1.weight', new Float32Array(3)]]),
      epoch: 0,
      step: 1,
      lossSum: 0,
      wrong: 0,
      history: [],
    };
    await expect(run(dense(), plan(), { resume })).rejects.toMatchObject({ code: 'input.checkpoint' });
  });
});

describe('targets and errors', () => {
  test('a smoothed target sums to 1 and is largest at the label', () => {
    const into = new Float32Array(8);
    oneHot([2, 0], 4, 0.2, into);
    const [low, high] = [0.05, 0.85].map(Math.fround);
    expect([...into]).toEqual([low, low, high, low, high, low, low, low]);
  });

  test('wrong are the rows whose largest value stands elsewhere; the first of equal ones counts', () => {
    expect(countWrong(Float32Array.of(1, 2, 3, 3, 0, 3, 5, 5, 5), [1, 0, 0], 3)).toBe(1);
  });
});
