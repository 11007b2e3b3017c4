/** What goes wrong in a model that is loaded, and that it can be used afterwards. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PithError } from '../../src/errors.js';
import { readPith } from '../../src/format/read.js';
import { writePith } from '../../src/format/write.js';
import { Machine } from '../../src/kernels/machine.js';
import { load } from '../../src/model/load.js';
import { LoadedModel } from '../../src/model/loaded-model.js';
import { errorOf, rejection } from '../help/expect-code.js';
import { ints, model, node, random, value } from '../help/models.js';
import { Net, networks, storedAs } from '../help/networks.js';

const squeezenet = networks['squeezenet']!();
const { bytes } = writePith({ model: squeezenet, stored: storedAs('sparse', squeezenet) });
const image = (batch: number): Float32Array => Float32Array.from({ length: batch * 3 * 33 * 33 }, random(batch));

afterEach(() => void vi.restoreAllMocks());

/** From now on the n-th allocation fails; the result counts them. */
function failing(n: number): () => number {
  const { allocate } = Machine.prototype;
  let count = 0;
  vi.spyOn(Machine.prototype, 'allocate').mockImplementation(function (this: Machine, size) {
    if (++count === n) throw new PithError('limit.memory', { expected: `${size} bytes`, got: 'none' });
    return allocate.call(this, size);
  });
  return () => count;
}

describe('when memory runs out', () => {
  test('at any allocation of load, it says so', async () => {
    const allocations = failing(0);
    await load(bytes);
    const count = allocations();
    expect(count).toBeGreaterThan(20);
    for (let n = 1; n <= count; n++) {
      vi.restoreAllMocks();
      failing(n);
      expect((await rejection(() => load(bytes))).code).toBe('limit.memory');
    }
  });

  test('at any allocation for other shapes, it says so, and the model runs as before and at those shapes later', async () => {
    const loaded = await load(bytes);
    const small = (await loaded.run({ image: image(1) }))['y']!;
    const allocations = failing(0);
    const large = (await loaded.run({ image: image(3) }))['y']!;
    const count = allocations();
    expect(count).toBeGreaterThan(3);
    for (let n = 1; n <= count; n++) {
      vi.restoreAllMocks();
      expect((await loaded.run({ image: image(1) }))['y']).toEqual(small);
      failing(n);
      expect((await rejection(() => loaded.run({ image: image(3) }))).code).toBe('limit.memory');
      vi.restoreAllMocks();
      expect((await loaded.run({ image: image(3) }))['y']).toEqual(large);
    }
  });

  test('at a first run of a model whose shapes nobody knew, it can be run later', async () => {
    const net = new Net(3);
    net.head(net.relu(net.conv('image', { from: 3, to: 8, kernel: 3 })), 8);
    const loaded = await load(writePith({ model: net.model([{ name: 'image', dtype: 'float32', dims: null }]) }).bytes);
    expect(loaded.explain()).toEqual([]);
    const feeds = { image: { dims: [1, 3, 33, 33], data: image(1) } };
    failing(2);
    expect((await rejection(() => loaded.run(feeds))).code).toBe('limit.memory');
    vi.restoreAllMocks();
    expect((await loaded.run(feeds))['y']!.dims).toEqual([1, 10]);
    expect(loaded.explain()).toHaveLength(3);
  });

  test('a heap that may not grow is a limit, not a crash', async () => {
    const file = () => readPith(bytes);
    expect(errorOf(() => LoadedModel.open(file(), { maxBytes: 2 ** 15 })).code).toBe('limit.memory');
    const loaded = LoadedModel.open(file(), { maxBytes: 2 ** 20 });
    expect((await rejection(() => loaded.run({ image: image(40) }))).code).toBe('limit.memory');
    expect((await loaded.run({ image: image(2) }))['y']!.dims).toEqual([2, 10]);
  });
});

describe('feeds', () => {
  const words = (): Promise<LoadedModel> => load(writePith({ model: networks['transformer']!() }).bytes);
  const ids = { dims: [1, 4], data: Int32Array.of(1, 2, 3, 4) };

  test('of whole numbers come in any array that holds them', async () => {
    const loaded = await words();
    const { y } = await loaded.run({ ids, mask: { dims: [1, 4], data: Int32Array.of(1, 1, 1, 0) } });
    const wide = { dims: [1, 4], data: BigInt64Array.of(1n, 2n, 3n, 4n) };
    expect((await loaded.run({ ids: wide, mask: { dims: [1, 4], data: Uint8Array.of(1, 1, 1, 0) } }))['y']).toEqual(y);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['floats for whole numbers', { data: new Float32Array(4) }, 'usage.feed'],
    ['numbers beyond 32 bits', { data: BigInt64Array.of(1n, 2n, 3n, 2n ** 40n) }, 'usage.feed'],
    ['an index beyond the table', { data: Int32Array.of(1, 2, 3, 50) }, 'input.index'],
    ['an index below it', { data: Int32Array.of(1, 2, 3, -51) }, 'input.index'],
    ['a shape that does not fit what the other input has', { dims: [1, 2], data: Int32Array.of(1, 2) }, 'input.broadcast'],
    ['more words than there are positions', { dims: [1, 25], data: new Int32Array(25) }, 'input.broadcast'],
    ['a plain array', { data: [1, 2, 3, 4] }, 'usage.feed'],
    ['a shape that is none', { dims: [1, -4] }, 'usage.feed'],
  ])('%s are refused, and the model runs afterwards', async (_, other, code) => {
    const loaded = await words();
    const mask = { dims: [1, 4], data: new Int32Array(4).fill(1) };
    const before = await loaded.run({ ids, mask });
    const error = await rejection(() => loaded.run({ ids: { ...ids, ...other }, mask } as Parameters<typeof loaded.run>[0]));
    expect(error.code).toBe(code);
    expect(await loaded.run({ ids, mask })).toEqual(before);
  });

  test('that are no numbers go through', async () => {
    const loaded = await load(bytes);
    const spoilt = image(2);
    spoilt[5] = Number.NaN;
    const { data } = (await loaded.run({ image: spoilt }))['y']!;
    expect(data.subarray(0, 10).every(Number.isNaN)).toBe(true);
    expect(data.subarray(10).some(Number.isNaN)).toBe(false);
  });

  test('an input that the file has a value for is a constant', async () => {
    const given = model({
      inputs: [value('x', 2), value('w', 2)],
      outputs: [value('y', 2)],
      nodes: [node('Add', ['x', 'w'], ['y'])],
      initializers: new Map([['w', { dtype: 'float32', dims: [2], data: Float32Array.of(1, 2) }]]),
    });
    const loaded = await load(writePith({ model: given }).bytes);
    expect(loaded.inputs.map(({ name }) => name)).toEqual(['x']);
    expect((await loaded.run({ x: Float32Array.of(1, 1) }))['y']!.data).toEqual(Float32Array.of(2, 3));
  });
});

describe('refusals', () => {
  const refused = async (nodes: ReturnType<typeof node>[], dims: number[] = [2, 3]): Promise<PithError> => {
    const initializers = new Map([['two', ints(1, 1)]]);
    const given = model({ inputs: [value('x', ...dims)], outputs: [{ name: 'y', dtype: 'float32', dims: null }], nodes, initializers });
    return rejection(() => load(writePith({ model: given }).bytes));
  };

  test('name operators and forms that are not run, all of them, and the way out', async () => {
    const error = await refused([
      node('Einsum', ['x'], ['a']),
      node('Resize', ['a', '', '', 'two'], ['b'], { antialias: 1 }),
      node('Resize', ['b', '', '', 'two'], ['y'], { keep_aspect_ratio_policy: 'not_larger' }),
    ]);
    expect(error.code).toBe('unsupported.operators');
    expect(error.detail.got).toMatch(/^Einsum, Resize "\w+" \(.*antialias.*\), Resize "y" \(.*not_larger\)$/);
    expect(error.detail.fix).toContain('toOnnx');
  });

  test.each<[string, ReturnType<typeof node>]>([
    ['Concat', node('Concat', ['x', 'two'], ['y'], { axis: 0 })],
    ['Reshape', node('Reshape', ['x', 'two'], ['y'])],
    ['Transpose', node('Transpose', ['x'], ['y'], { perm: [0, 2] })],
    ['MatMul', node('MatMul', ['x', 'x'], ['y'])],
  ])('shapes that do not fit are refused by load with the name of the node: %s', async (op, only) => {
    const error = await refused([only]);
    expect(error.code).toBe('input.node');
    expect(error.detail.at).toMatchObject({ op });
  });
});

test('a model that was disposed of says so, whatever is asked', async () => {
  const loaded = await load(bytes);
  loaded.dispose();
  loaded.dispose();
  expect((await rejection(() => loaded.run({ image: image(1) }))).code).toBe('usage.disposed');
  expect(errorOf(() => loaded.explain()).code).toBe('usage.disposed');
  expect(errorOf(() => loaded.memory).code).toBe('usage.disposed');
});
