/** Decoded tensors on the disk: what is read again is what was decoded, and nothing is left behind. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { densify, narrowed, type StoredTensor } from 'pith-runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bytesOf, type Tensor } from '../../src/base/tensor.js';
import { onnxruntimeNode } from '../../src/engine/onnxruntime-node.js';
import { TensorsOnDisk } from '../../src/library/tensors-on-disk.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { splitOnnx } from '../../src/onnx/write.js';
import { modelOf } from '../onnx/samples.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pith-test-'));
  vi.stubEnv('TMPDIR', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const side = 200;
const uniform: StoredTensor = {
  kind: 'uniform',
  dtype: 'float32',
  dims: [side, side],
  view: { rows: side, columns: side, positions: 1, transposed: false },
  levels: narrowed(Int32Array.from({ length: side * side }, (_, i) => (i % 7) - 3)),
  grid: 'scalar',
  step: -80,
  rowSteps: null,
  columnSteps: null,
};
const small: StoredTensor = { kind: 'dense', tensor: { dtype: 'int64', dims: [2], data: BigInt64Array.of(3n, -1n) } };

const tensorOf = (stored: StoredTensor): Tensor => {
  if (stored.kind !== 'dense') throw new Error('not dense');
  return stored.tensor;
};

test('tensors are read again as they were decoded, the last two without the disk, and their file goes when it is dropped', () => {
  const disk = new TensorsOnDisk();
  const given = [uniform, small, { ...uniform, step: -90 }, { ...uniform, step: -100 }];
  const held = given.map((stored) => tensorOf(disk.hold(stored)));
  for (const [i, stored] of given.entries()) {
    expect(bytesOf(held[i]!)).toEqual(bytesOf(densify(stored)));
    expect([held[i]!.dtype, held[i]!.dims]).toEqual([densify(stored).dtype, densify(stored).dims]);
  }
  const first = held[0]!.data;
  expect(held[0]!.data).toBe(first);
  expect([held[2]!.data, held[3]!.data]).toHaveLength(2);
  expect(held[0]!.data).not.toBe(first);
  expect(held[0]!.data).toEqual(first);
  expect(readdirSync(root)).toHaveLength(1);
  disk.drop();
  expect(readdirSync(root)).toEqual([]);
  expect(() => held[2]!.data).toThrow();
});

test('a model of such tensors runs, and is written with its data beside it', async () => {
  const disk = new TensorsOnDisk();
  const graph = parseGraph(`g(x: float32[N,${side}]) -> (y: float32[N,${side}]) { y = MatMul(x, w) }`);
  const model = modelOf({ ...graph, initializers: new Map([['w', tensorOf(disk.hold(uniform))]]) });
  expect(Buffer.concat([...splitOnnx(model, 'data').data])).toEqual(Buffer.from(bytesOf(densify(uniform))));
  const session = await onnxruntimeNode.open(model);
  const x: Tensor = { dtype: 'float32', dims: [1, side], data: new Float32Array(side).fill(1, 0, 1) };
  const y = (await session.run(new Map([['x', x]]))).get('y')!;
  expect(y.data).toEqual((densify(uniform).data as Float32Array).slice(0, side));
  await session.close();
  disk.drop();
});

test('a place where nothing can be written is a typed error', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  vi.stubEnv('TMPDIR', file);
  expect(() => new TensorsOnDisk()).toThrow(expect.objectContaining({ code: 'output.folder' }));
});
