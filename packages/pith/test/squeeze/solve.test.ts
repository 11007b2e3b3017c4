/** Squeezing with feedback, on a small convolutional network whose inputs are far from independent: what it promises at every effort. */
import { densify, readPith, type SharedStored, toModel, type UniformStored, writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import type { Model, Tensor } from '../../src/base/tensor.js';
import type { Samples } from '../../src/calibrate/samples.js';
import { withSession } from '../../src/engine/engine.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { mostEffort } from '../../src/squeeze/effort.js';
import { type Prepared, prepareSqueeze } from '../../src/squeeze/squeeze.js';
import { lenet5 } from '../../src/zoo/lenet-5.js';
import { buildNetwork } from '../../src/zoo/network.js';

const side = 12;
/** conv 5×5 → relu → conv 3×3 → relu → full: 3,900 weights. */
const network = buildNetwork(
  {
    ...lenet5,
    name: 'narrow',
    build: (l, image, n) => {
      const first = l.relu(l.conv(image, { name: 'conv1', out: 8, kernel: 5, stride: 2 }), 'relu1');
      const second = l.relu(l.conv(first, { name: 'conv2', out: 16, kernel: 3, stride: 2 }), 'relu2');
      return l.full(l.flatten(second, 'flat'), { name: 'full', out: n });
    },
  },
  { seed: 3 },
);

/** Smooth pictures: neighbours are alike, which is what feedback lives on. */
function pictures(count: number, seed: number): Samples {
  const random = Random.of(seed, 'pictures');
  const [height, width] = [28, 28];
  const data = new Float32Array(count * height * width);
  for (let s = 0; s < count; s++) {
    const waves = Array.from({ length: 4 }, () => [random.normal(), random.normal(), random.normal() * 3, random.normal()] as const);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        data[(s * height + y) * width + x] = waves.reduce((v, [fx, fy, phase, a]) => v + a * Math.sin((fx * x + fy * y) / side + phase), 0);
  }
  const size = height * width;
  const feeds = (start: number, n: number): Map<string, Tensor> =>
    new Map([['image', { dtype: 'float32', dims: [n, 1, height, width], data: data.slice(start * size, (start + n) * size) }]]);
  return { count, origin: 'given', feeds };
}

const samples = pictures(32, 1);
const unseen = pictures(64, 2);
const known = new Map<number, Promise<Prepared>>();
function prepared(effort: number): Promise<Prepared> {
  const found = known.get(effort) ?? prepare(effort, network);
  known.set(effort, found);
  return found;
}
const prepare = (effort: number, model: Model): Promise<Prepared> =>
  prepareSqueeze({ model, engine: onnxruntimeNode, threads: 1, effort, samples, seed: 7 });

const outputs = (model: Model): Promise<Float32Array> =>
  withSession(onnxruntimeNode, model, { threads: 1 }, async (session) => {
    const found = await session.run(unseen.feeds(0, unseen.count));
    return found.get(model.graph.outputs[0]!.name)!.data as Float32Array;
  });

interface Result {
  readonly bytes: number;
  /** Of inputs that were not looked at, over the variance of the outputs. */
  readonly error: number;
  readonly file: Uint8Array;
}

async function at({ model, quantize }: Prepared, constant: number): Promise<Result> {
  const { bytes: file } = writePith({ model, stored: await quantize(constant) });
  const [is, was] = [await outputs(toModel(readPith(file))), await outputs(network)];
  const mean = was.reduce((a, b) => a + b, 0) / was.length;
  const sum = (of: (v: number, i: number) => number): number => was.reduce((total, v, i) => total + of(v, i), 0);
  return { bytes: file.length, file, error: sum((v, i) => (v - is[i]!) ** 2) / sum((v) => (v - mean) ** 2) };
}

/** The error at the first constant from fine to coarse whose file is no larger than `bytes`. */
async function errorWithin(squeeze: Prepared, bytes: number): Promise<number> {
  for (let k = -4; k < 16; k++) {
    const found = await at(squeeze, squeeze.constants.usual * 2 ** (k / 2));
    if (found.bytes <= bytes) return found.error;
  }
  throw new Error(`no file of ${bytes} bytes`);
}

describe('effort', () => {
  test.each(Array.from({ length: mostEffort + 1 }, (_, effort) => effort))(
    '%i gives finer files for smaller constants, and the same for the same',
    async (effort) => {
      const squeeze = await prepared(effort);
      const { usual } = squeeze.constants;
      const [coarse, fine, again] = [await at(squeeze, 2 * usual), await at(squeeze, usual / 4), await at(squeeze, 2 * usual)];
      expect(again.file).toEqual(coarse.file);
      expect(fine.bytes).toBeGreaterThan(coarse.bytes);
      expect(fine.error).toBeLessThan(coarse.error / 4);
      expect(fine.error).toBeLessThan(0.01);
    },
  );

  test('pays: at equal bytes a trellis beats rounding, feedback the trellis, and gradients do not lose', async () => {
    const [rounding, trellis, forward, both] = [await prepared(0), await prepared(2), await prepared(3), await prepared(5)];
    const { bytes } = await at(both, both.constants.usual);
    const errors = await Promise.all([rounding, trellis, forward, both].map((p) => errorWithin(p, bytes)));
    // constants are tried in steps of √2, which is 2 in error: neighbours are told apart where they differ by more
    expect(errors[3]! * 4).toBeLessThan(errors[0]!);
    expect(errors[3]! * 2).toBeLessThan(errors[1]!);
    expect(errors[2]!).toBeLessThan(errors[1]!);
  });
});

describe('a result', () => {
  test('is about as large as its draft', async () => {
    const { model, quantize, constants } = await prepared(5);
    const [draft, whole] = [await quantize(constants.usual, { draft: true }), await quantize(constants.usual)].map(
      (stored) => writePith({ model, stored }).bytes.length,
    );
    expect(Math.abs(draft! / whole! - 1)).toBeLessThan(0.05);
  });

  test('has its biases moved by feedback, and hardly without', async () => {
    const moved = async (effort: number): Promise<number> => {
      const { quantize, constants } = await prepared(effort);
      const stored = (await quantize(8 * constants.usual)).get('conv2.bias');
      if (!stored) return 0;
      const is = densify(stored).data as Float32Array;
      const was = network.graph.initializers.get('conv2.bias')!.data as Float32Array;
      return Math.max(...is.map((v, i) => Math.abs(v - was[i]!)));
    };
    expect(await moved(5)).toBeGreaterThan(10 * (await moved(2)) + 1e-4);
  });

  const withWeight = (name: string, change: (w: number, i: number) => number): Model => {
    const tensor = network.graph.initializers.get(name)!;
    const data = Float32Array.from(tensor.data as Float32Array, change);
    return { ...network, graph: { ...network.graph, initializers: new Map(network.graph.initializers).set(name, { ...tensor, data }) } };
  };

  test('keeps the zeros of a pruned layer', async () => {
    const { quantize, constants } = await prepare(
      5,
      withWeight('conv2.weight', (w, i) => (i % 3 === 0 ? w : 0)),
    );
    const { levels } = (await quantize(constants.usual / 4)).get('conv2.weight') as UniformStored;
    expect(levels.every((level, i) => i % 3 === 0 || level === 0)).toBe(true);
    expect(levels.filter((level) => level !== 0).length).toBeGreaterThan(levels.length / 6);
  });

  test('keeps weights of few values exactly where that is no larger, and rounds them where it is', async () => {
    const { quantize, constants } = await prepare(
      5,
      withWeight('conv2.weight', (w) => Math.round(w * 40) / 40),
    );
    const exact = (await quantize(constants.usual / 8)).get('conv2.weight') as SharedStored;
    expect(exact.kind).toBe('shared');
    expect((await quantize(constants.usual * 8)).get('conv2.weight')!.kind).toBe('uniform');
  });
});

test.each([3, 5])('rows of a table that no sample asked for are kept as well as those that were (effort %i)', async (effort) => {
  const [entries, width] = [200, 16];
  const random = Random.of(4, 'table');
  const floats = (dims: readonly number[]): Tensor => ({
    dtype: 'float32',
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal()),
  });
  const graph = parseGraph('g(ids: int64[N,3]) -> (y: float32[N,3,8]) { h = Gather(table, ids) t = Tanh(h) y = MatMul(t, w) }');
  const initializers = new Map([
    ['table', floats([entries, width])],
    ['w', floats([width, 8])],
  ]);
  const model: Model = { ...network, metadata: new Map(), graph: { ...graph, initializers } };
  const ids = (start: number, n: number): Map<string, Tensor> =>
    new Map([
      ['ids', { dtype: 'int64', dims: [n, 3], data: BigInt64Array.from({ length: 3 * n }, (_, i) => BigInt((3 * start + i) % 10)) }],
    ]);
  const seen: Samples = { count: 24, origin: 'given', feeds: ids };
  const { quantize, constants } = await prepareSqueeze({ model, engine: onnxruntimeNode, threads: 1, effort, samples: seen, seed: 7 });
  const is = densify((await quantize(constants.usual * 4)).get('table')!).data as Float32Array;
  const was = initializers.get('table')!.data as Float32Array;
  const error = (from: number, to: number): number =>
    is.slice(from * width, to * width).reduce((sum, v, i) => sum + (v - was[from * width + i]!) ** 2, 0) / (to - from);
  expect(error(10, entries)).toBeLessThan(2 * error(0, 10));
  expect(error(0, 10)).toBeGreaterThan(0);
});
