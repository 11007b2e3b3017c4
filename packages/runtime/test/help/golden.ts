/** The files that stand in test/golden: small, seeded, one for each kind of contents under each coder, so that a change of any shows. */
import { type CoderChoice, coderChoices } from '../../src/format/sections.js';
import type { StoredTensor } from '../../src/format/stored.js';
import { naturalView, type UniformStored, uniformDTypes } from '../../src/format/uniform.js';
import { writePith } from '../../src/format/write.js';
import type { Model } from '../../src/model.js';
import { byteSize, bytesOf, type DType, dtypes, type Tensor, viewAs } from '../../src/tensor.js';
import { asLarge } from './crafted.js';
import { bell, model, random, share } from './models.js';
import { rich } from './rich.js';

const bare: Model = model({ inputs: [], outputs: [], nodes: [] });
type Tensors = Readonly<Record<string, StoredTensor>>;

/** Any bits, zeros and small ones more often: numbers, infinities and NaNs alike. */
function denseOf(dtype: DType, dims: readonly number[], seed: number): StoredTensor {
  const next = random(seed);
  const bytes = Uint8Array.from({ length: byteSize(dtype, dims) }, () => next() ** 5 * 256);
  return { kind: 'dense', tensor: { dtype, dims, data: viewAs(dtype, bytes) } };
}

const floatTypes: readonly DType[] = ['float32', 'float16', 'bfloat16', 'float64'];
const special = (dtype: DType, words: readonly number[]): StoredTensor => {
  const data = viewAs(dtype, new Uint8Array(byteSize(dtype, [words.length])));
  const bits = viewAs(dtype === 'float32' ? 'uint32' : 'uint16', bytesOf({ dtype, dims: [words.length], data })) as Uint32Array;
  bits.set(words);
  return { kind: 'dense', tensor: { dtype, dims: [words.length], data } };
};

const floats = (): Tensors => ({
  ...Object.fromEntries(floatTypes.map((dtype, n) => [dtype, denseOf(dtype, [5, 2, 3], n)])),
  special: special('float32', [0x7fc00001, 0x7f800001, 0xff800000, 0x80000000, 1, 0]),
  specialHalf: special('float16', [0x7e01, 0x7c00, 0xfc00, 0x8000, 1, 0]),
  equal: { kind: 'dense', tensor: { dtype: 'float32', dims: [40], data: new Float32Array(40).fill(0.5) } },
  scalar: denseOf('float32', [], 9),
  none: denseOf('float32', [2, 0], 9),
});

const integers = (): Tensors =>
  Object.fromEntries(
    (Object.keys(dtypes) as DType[])
      .filter((dtype) => !floatTypes.includes(dtype))
      .map((dtype, n): [string, StoredTensor] => [dtype, denseOf(dtype, [6, 9], n)]),
  );

const bells = (dims: readonly number[], seed: number): Tensor => {
  const next = random(seed);
  return { dtype: 'float32', dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => bell(next)) };
};

const sparse = (): Tensors => {
  const positions = Uint32Array.of(0, 3, 4, 70, 71, 119);
  const values = (bells([6], 1).data as Float32Array).slice();
  const often = Uint32Array.from({ length: 60 }, (_, i) => 5 * i + (i % 3));
  return {
    some: { kind: 'sparse', dims: [4, 3, 10], values, positions },
    few: { kind: 'sparse', dims: [3, 100], values: Float32Array.from(often, (at) => (at % 4) - 1.5), positions: often },
    all: { kind: 'sparse', dims: [6], values, positions: Uint32Array.from(values.keys()) },
    nothing: { kind: 'sparse', dims: [7], values: new Float32Array(0), positions: new Uint32Array(0) },
  };
};

const shared = (): Tensors => ({
  gaps: share(bells([6, 4, 5], 2), 0.2, 5, 2),
  clusters: share(bells([9, 9], 3), 0.5, 7, 0),
  whole: share(bells([5, 12], 4), 1, 16, 0),
  many: share(bells([4, 20], 5), 0.7, 300, 5),
  nothing: {
    kind: 'shared',
    dims: [9],
    codebook: new Float32Array(0),
    positions: new Uint32Array(0),
    index: new Uint16Array(0),
    gapBits: 4,
  },
});

function uniformOf(dtype: UniformStored['dtype'], dims: readonly number[], seed: number, more: Partial<UniformStored>): UniformStored {
  const next = random(seed);
  const view = more.view ?? naturalView(dims, false);
  const levels = Int32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => Math.round(bell(next) ** 3 * 2));
  return { kind: 'uniform', dtype, dims, view, levels, grid: 'scalar', step: -70, rowSteps: null, columnSteps: null, ...more };
}

const uniform = (grid: UniformStored['grid']) => (): Tensors => ({
  ...Object.fromEntries(
    uniformDTypes.map((dtype, n): [string, StoredTensor] => [dtype, uniformOf(dtype, [4, 3, 2, 2], n, { grid, step: -300 * n })]),
  ),
  turned: uniformOf('float32', [5, 6], 5, { grid, view: naturalView([5, 6], true), rowSteps: Int8Array.of(0, 1, -1, 4, -128, 127) }),
  other: uniformOf('float16', [24], 6, {
    grid,
    view: { rows: 2, columns: 3, positions: 4, transposed: false },
    columnSteps: Int8Array.of(-3, 0, 9),
  }),
  large: uniformOf('float32', [3], 7, {
    grid,
    levels: Int32Array.of(2 ** 24 - 1, 1 - 2 ** 24, 70000),
    step: 2047,
    rowSteps: Int8Array.of(1),
  }),
  halves: uniformOf('float16', [40], 8, { grid, step: -390 }),
  zero: uniformOf('bfloat16', [3, 50], 9, { grid, levels: new Int32Array(150), columnSteps: new Int8Array(50).fill(7) }),
  none: uniformOf('float64', [0, 4], 10, { grid }),
});

/** Mostly zeros, as the model of scarce levels likes them: vectors, matrices, pictures and kernels. */
const scarce = (): Tensors => {
  const of = (dims: readonly number[], seed: number, more: Partial<UniformStored> = {}): UniformStored => {
    const next = random(seed);
    const levels = Int32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) =>
      next() < 0.05 + 0.3 * Number(i % 7 === 2) ? Math.round(bell(next) * 3 + Math.sign(bell(next)) * 18 * Number(i % 97 === 3)) : 0,
    );
    return uniformOf('float32', dims, seed, { levels, ...more });
  };
  return {
    matrix: of([30, 40], 21),
    turned: of([40, 12], 22, { view: naturalView([40, 12], true) }),
    picture: of([12, 144], 23, { view: { rows: 12, columns: 1, positions: 144, transposed: false } }),
    flat: of([9, 60], 24, { view: { rows: 9, columns: 2, positions: 30, transposed: false } }),
    kernel: of([8, 6, 5, 5], 25),
    vector: of([90], 26),
    wide: of([2, 3, 1100], 27),
  };
};

const contents: Readonly<Record<string, () => Tensors>> = {
  floats,
  integers,
  scarce,
  shared,
  sparse,
  'uniform-scalar': uniform('scalar'),
  'uniform-trellis': uniform('trellis'),
};

/** Each with all coders but the one that only chooses among them. */
const coders = coderChoices.filter((coder): coder is Exclude<CoderChoice, 'smallest'> => coder !== 'smallest');

export interface Golden {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function goldenFiles(): Golden[] {
  const metadata = new Map([
    ['seed', '7'],
    ['license', 'Apache-2.0'],
    ['recipe', '{"version":1}'],
    ['source', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['ключ', 'any words'],
  ]);
  const again = bells([4, 4], 11);
  const repeated = model({
    inputs: [],
    outputs: [],
    nodes: [],
    initializers: new Map(['first', 'second', 'third'].map((name, n) => [name, n === 1 ? bells([4, 4], 12) : again])),
  });
  const graph = writePith({ model: rich(), metadata }).bytes;
  return [
    { name: 'digests', bytes: asLarge(graph, metadata) },
    { name: 'empty', bytes: writePith({ model: bare }).bytes },
    { name: 'graph', bytes: graph },
    { name: 'repeats', bytes: writePith({ model: repeated }).bytes },
    ...Object.entries(contents).flatMap(([kind, tensors]) =>
      coders.map((coder) => ({
        name: `${kind}-${coder}`,
        bytes: writePith({ model: bare, stored: new Map(Object.entries(tensors())), coder }).bytes,
      })),
    ),
  ];
}
