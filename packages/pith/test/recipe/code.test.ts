import { readPith, toModel } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { bytesOf, type Model } from '../../src/base/tensor.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import type { WeightState } from '../../src/parametrization/list.js';
import { codeCompression, decodeAndCompare } from '../../src/recipe/code.js';
import type { Compression } from '../../src/recipe/step.js';
import { withWeights } from '../../src/train/fit.js';
import { dense, normalized } from '../train/tiny.js';

const dims = [12, 16];
const size = 12 * 16;
const values = Float32Array.from({ length: size }, (_, i) => (i % 5 === 0 ? -0 : (i - 90) / 7));

const states: Readonly<Record<string, WeightState>> = {
  'dense with −0, NaN and infinity': {
    kind: 'dense',
    dims,
    values: values.map((w, i) => [w, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-42][i % 5]!),
  },
  'sparse with kept weights that are +0 and −0': {
    kind: 'sparse',
    dims,
    values: values.map((w, i) => (i % 3 ? 0 : w)),
    mask: Uint8Array.from(values, (_, i) => (i % 3 ? 0 : 1)),
  },
  'sparse without a kept weight': { kind: 'sparse', dims, values: new Float32Array(size), mask: new Uint8Array(size) },
  'sparse with all weights': { kind: 'sparse', dims, values: values.map((w) => w || 1), mask: new Uint8Array(size).fill(1) },
  'shared with centroids −0 and 0': {
    kind: 'shared',
    dims,
    codebook: Float32Array.of(-0, 0, 0.5, -3),
    index: Uint16Array.from(values, (_, i) => i % 5),
    gapBits: 3,
  },
  'shared by nothing': { kind: 'shared', dims, codebook: new Float32Array(0), index: new Uint16Array(size), gapBits: 5 },
  'shared by one centroid, far apart': {
    kind: 'shared',
    dims,
    codebook: Float32Array.of(2),
    index: Uint16Array.from(values, (_, i) => (i % 100 === 99 ? 1 : 0)),
    gapBits: 1,
  },
};

const compression = (state: WeightState): Compression => ({
  model: dense(),
  states: new Map([['fc1.weight', state]]),
  statistics: new Map(),
});

/** As −0 and 0 are the same number. */
const numbers = (model: Model, name: string): number[] =>
  [...new Uint32Array(bytesOf(model.graph.initializers.get(name)!).slice().buffer)].map((b) => (b === 0x80000000 ? 0 : b));

describe.each(Object.entries(states))('a weight that is %s', (_, state) => {
  test('decodes from its file to the trained bits', () => {
    const c = compression(state);
    const { bytes } = codeCompression(c, new Map());
    const decoded = decodeAndCompare(bytes, c);
    const trained = withWeights(c.model, c.states, c.statistics);
    for (const name of trained.graph.initializers.keys()) expect(numbers(decoded, name)).toEqual(numbers(trained, name));
    expect(decoded).toEqual(toModel(readPith(bytes)));
  });

  test('is told apart from another by the comparison', () => {
    const { bytes } = codeCompression(compression(state), new Map());
    const other: WeightState = { kind: 'dense', dims, values: Float32Array.from({ length: size }, (_, i) => i + 0.25) };
    expect(() => decodeAndCompare(bytes, compression(other))).toThrow(
      expect.objectContaining({ code: 'bug.decode', detail: expect.objectContaining({ at: { tensor: 'fc1.weight' } }) }),
    );
  });
});

describe('a file', () => {
  test('keeps −0 where it was not pruned', () => {
    const c = compression(states['dense with −0, NaN and infinity']!);
    const found = decodeAndCompare(codeCompression(c, new Map()).bytes, c).graph.initializers.get('fc1.weight')!.data;
    expect(Object.is(found[1], -0)).toBe(true);
  });

  test('differs in one bit of one weight: it is noticed', () => {
    const state = { kind: 'dense' as const, dims, values };
    const c = compression(state);
    const nudged = values.slice();
    new Uint32Array(nudged.buffer)[17]! ^= 1;
    expect(() => decodeAndCompare(codeCompression(c, new Map()).bytes, compression({ ...state, values: nudged }))).toThrow(
      expect.objectContaining({ code: 'bug.decode' }),
    );
  });

  test('holds statistics, too', () => {
    const c: Compression = {
      model: normalized(),
      states: new Map(),
      statistics: new Map([['bn.running_mean', Float32Array.of(1, 2, 3, 4)]]),
    };
    const decoded = decodeAndCompare(codeCompression(c, new Map()).bytes, c);
    expect([...(decoded.graph.initializers.get('bn.running_mean')!.data as Float32Array)]).toEqual([1, 2, 3, 4]);
    const other = { ...c, statistics: new Map([['bn.running_mean', Float32Array.of(1, 2, 3, 5)]]) };
    expect(() => decodeAndCompare(codeCompression(c, new Map()).bytes, other)).toThrow(expect.objectContaining({ code: 'bug.decode' }));
  });

  test('is made of a model whose nodes stand in any order', () => {
    const model: Model = {
      ...dense(),
      graph: parseGraph(`g(x: float32[N,2]) -> (y: float32[N,2]) {
        init w: float32[2,2] = [1, 2, 3, 4]
        y = Relu(h)
        h = MatMul(x, w)
      }`),
    };
    const c: Compression = { model, states: new Map(), statistics: new Map() };
    expect(decodeAndCompare(codeCompression(c, new Map()).bytes, c).graph.nodes.map((n) => n.op)).toEqual(['MatMul', 'Relu']);
  });

  test('says what it is told to say', () => {
    const { bytes } = codeCompression(compression(states['shared by nothing']!), new Map([['recipe', 'é']]));
    expect([...readPith(bytes).metadata]).toEqual([['recipe', 'é']]);
  });
});
