/** Every parametrization: what its nodes compute, what it says it computes and what the file gives back are the same bits. */
import { densify, type UniformStored } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { Builder } from '../../src/graph/builder.js';
import { Graph } from '../../src/graph/graph.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { inferNode } from '../../src/ops/infer.js';
import { parametrizationOf, parametrizations, type WeightState } from '../../src/parametrization/list.js';
import { levelsOfRated, scaledRows, stepsOfRated } from '../../src/parametrization/rated.js';

const random = Random.of(7, 'parametrization test');
const dims = [4, 6];
const mask = Uint8Array.from({ length: 24 }, () => Number(random.unit() < 0.4));
const values = Float32Array.from({ length: 24 }, () => random.normal());
const samples: { readonly [K in WeightState['kind']]: WeightState } = {
  dense: { kind: 'dense', dims, values },
  shared: {
    kind: 'shared',
    dims,
    codebook: Float32Array.of(-0.5, 0.25, 1.5),
    index: Uint16Array.from(mask, (m, i) => (m ? 1 + (i % 3) : 0)),
    gapBits: 3,
  },
  rated: {
    kind: 'rated',
    dims,
    values,
    logStep: Float32Array.of((-21 * Math.LN2) / 16),
    view: { positions: 1, transposed: true },
    settled: true,
  },
  sparse: { kind: 'sparse', dims, values: values.map((w, i) => (mask[i] ? w : 0)), mask },
};

const rows: Extract<WeightState, { kind: 'rated' }> = {
  kind: 'rated',
  dims,
  values,
  logStep: Float32Array.from([-40, -21, -21, 3], (e) => (e * Math.LN2) / 16),
  view: { positions: 1, transposed: false },
  settled: true,
};
const columns = {
  ...rows,
  logStep: Float32Array.from([-40, -21, -21, 3, -7, -150], (e) => (e * Math.LN2) / 16),
  view: { positions: 1, transposed: true },
};

/** One of each kind, and forms that one kind can have beside it. */
const states: readonly (readonly [string, WeightState])[] = [
  ...Object.entries(samples),
  ['rated, a step for each row', rows],
  ['rated, a step for each column', columns],
];

function built(state: WeightState) {
  const builder = new Builder(Graph.empty('weight'), 17, inferNode);
  const parametrization = parametrizationOf(state);
  const trained = parametrization.trained('w', state);
  const inputs = trained.map((t) => {
    builder.graph.inputs.push({ name: t.name, dtype: 'float32', dims: t.dims });
    return { name: t.name, dtype: 'float32' as const, dims: t.dims };
  });
  parametrization.build(builder, 'w', state, inputs);
  builder.graph.outputs.push({ name: 'w', dtype: 'float32', dims });
  const feeds = new Map(trained.map((t) => [t.name, { dtype: 'float32' as const, dims: t.dims, data: Float64Array.from(t.data) }]));
  return evaluate(builder.graph.freeze(), 17, feeds).get('w')!;
}

test.each(states)('%s: nodes, numbers and file agree bit for bit', (_, state) => {
  const parametrization = parametrizationOf(state);
  const dense = parametrization.dense(state);
  expect(Float32Array.from(built(state).data)).toEqual(dense);
  expect(densify(parametrization.stored(state))).toMatchObject({ dtype: 'float32', dims, data: dense });
});

test.each(states)('%s: comes back from its arrays, and from other trained ones', (_, state) => {
  const parametrization = parametrizationOf(state);
  const trained = parametrization.trained('w', state).map((t) => t.data);
  expect(parametrization.restore(dims, trained, parametrization.fixed(state))).toEqual(state);
  const others = trained.map((a) => a.map((v) => 2 * v));
  const other = parametrization.withTrained(state, others);
  expect(other).toEqual(parametrization.restore(dims, others, parametrization.fixed(state)));
  expect(parametrization.dense(other)).not.toEqual(parametrization.dense(state));
});

describe('rows of a rated weight, multiplied', () => {
  const factors = [3, -0.5, 0, 1e-9];

  test('keep their integers up to sign, and have steps within half a sixteenth of an octave', () => {
    const after = scaledRows(rows, factors);
    const [before, now] = [levelsOfRated(rows), levelsOfRated(after)];
    expect(now).toEqual(before.map((q, i) => q * Math.sign(factors[Math.floor(i / 6)]!)));
    for (const r of [0, 1]) {
      const exact = stepsOfRated(rows)[r]! * Math.abs(factors[r]!);
      expect(Math.abs(Math.log2(stepsOfRated(after)[r]! / exact))).toBeLessThanOrEqual(1 / 32 + 1e-6);
    }
    const { dense, stored } = parametrizations.rated;
    expect(densify(stored(after)).data).toEqual(dense(after));
  });

  test('have steps that a file can hold, however far apart they are', () => {
    const { step, rowSteps } = parametrizations.rated.stored(scaledRows(rows, [1e6, 1, 1, 1e-12])) as UniformStored;
    const steps = Array.from(rowSteps!, (e) => step + e);
    expect(Math.max(...steps) - Math.min(...steps)).toBe(255);
  });

  test('that are all zero have the step of the row before', () => {
    const dead = { ...rows, values: rows.values.map((w, i) => (i < 6 || i >= 18 ? 0 : w)) };
    const steps = stepsOfRated(scaledRows(dead, [1, 2, 4, 8]));
    expect([steps[0], steps[3]]).toEqual([steps[1], steps[2]]);
  });
});

describe('restoring', () => {
  test('refuses a checkpoint without its fixed arrays', () => {
    expect(() => parametrizations.sparse.restore(dims, [values], {})).toThrow(expect.objectContaining({ code: 'input.checkpoint' }));
    expect(() => parametrizations.rated.restore(dims, [values, values], {})).toThrow(expect.objectContaining({ code: 'input.checkpoint' }));
    expect(() => parametrizations.shared.restore(dims, [values], {})).toThrow(expect.objectContaining({ code: 'input.checkpoint' }));
  });
});
