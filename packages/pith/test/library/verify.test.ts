import { writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import type { Model, Tensor } from '../../src/base/tensor.js';
import { squeeze } from '../../src/library/squeeze.js';
import { type VerifyOptions, verify } from '../../src/library/verify.js';
import { writeOnnx } from '../../src/onnx/write.js';
import { smallNetwork } from './support.js';

const model = smallNetwork();
const onnx = writeOnnx(model);
const against = (file: Uint8Array | Model, more: Partial<VerifyOptions> = {}) => verify({ model: onnx, file, threads: 1, ...more });
const changed = (name: string, change: (tensor: Tensor) => Tensor): Model => ({
  ...model,
  graph: { ...model.graph, initializers: new Map([...model.graph.initializers].map(([n, t]) => [n, n === name ? change(t) : t])) },
});
const wrong = ({ checks }: Awaited<ReturnType<typeof verify>>): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);

test('A squeezed file is verified, and the file says what it was made of', async () => {
  const { bytes } = await squeeze({ model: onnx, effort: 0, threads: 1 });
  const found = await against(bytes, { perLayer: true });
  expect(found.ok).toBe(true);
  expect(found.checks.map(({ name }) => name)).toEqual(['file', 'source', 'interface', 'tensors', 'fidelity']);
  expect(found.checks[1]).toMatchObject({ found: 'made of this very model' });
  expect(found.fidelity!.outputs[0]!.cosine).toBeGreaterThan(0.99);
  expect(found.fidelity!.layers).toHaveLength(2);
});

describe('what is wrong is named', () => {
  test('outputs that are not near enough', async () => {
    const { bytes } = await squeeze({ model: onnx, effort: 0, threads: 1 });
    expect(wrong(await against(bytes, { minFidelity: 0.99999 }))).toEqual(['fidelity']);
    expect(wrong(await against(changed('fc1.weight', (t) => ({ ...t, data: new Float32Array(t.data.length) }))))).toEqual(['fidelity']);
  });

  test('an interface that is another, and nothing is run then', async () => {
    const renamed: Model = { ...model, metadata: new Map([['author', 'me']]) };
    const found = await against(renamed);
    expect(wrong(found)).toEqual(['interface']);
    expect(found.fidelity).toBe(null);
  });

  test('a single bit where every bit is asked for', async () => {
    expect(await against(writePith({ model }).bytes, { lossless: true })).toMatchObject({ ok: true, fidelity: null });
    const oneBit = changed('fc2.weight', (t) => {
      const bits = new Uint32Array(Float32Array.from(t.data as Float32Array).buffer);
      bits[5]! ^= 1;
      return { ...t, data: new Float32Array(bits.buffer) };
    });
    expect(wrong(await against(oneBit, { lossless: true }))).toEqual(['tensors']);
    expect(wrong(await against(oneBit))).toEqual([]);
  });

  test('a damaged file, by its checksum', async () => {
    const bytes = writePith({ model }).bytes.slice();
    bytes[bytes.length - 9]! ^= 4;
    await expect(against(bytes)).rejects.toMatchObject({ code: expect.stringMatching(/^input\.pith-/) });
  });
});

test.each<[object]>([[{ minFidelity: 2 }], [{ fidelity: 1 }]])('%j is refused', async (more) => {
  await expect(against(onnx, more)).rejects.toMatchObject({ code: 'usage.option' });
});
