/** Blocks of well-known networks from their .pith file in each stored form, against ONNX Runtime on the decoded model. */
import { describe, expect, test } from 'vitest';
import { readPith, toModel } from '../../src/format/read.js';
import { writePith } from '../../src/format/write.js';
import { load } from '../../src/model/load.js';
import type { Model } from '../../src/model.js';
import { sizeOf } from '../../src/tensor.js';
import { bell, random } from '../help/models.js';
import { forms, networks, storedAs } from '../help/networks.js';
import { type Numbers, runOrt, worst } from '../help/ort.js';

/** Inputs of these sizes where the model leaves them free. */
function feedsOf({ graph }: Model, batch: number, length: number): Record<string, Numbers> {
  const next = random(batch);
  return Object.fromEntries(
    graph.inputs.map(({ name, dtype, dims }) => {
      const shape = dims!.map((d) => (typeof d === 'number' ? d : d === 'N' ? batch : length));
      const count = sizeOf(shape);
      const ids = (): BigInt64Array =>
        BigInt64Array.from({ length: count }, (_, i) => BigInt(name === 'mask' ? Number(i % 5 > 0) : (i * 7) % 50));
      return [name, { dims: shape, data: dtype === 'int64' ? ids() : Float32Array.from({ length: count }, () => bell(next)) }];
    }),
  );
}

describe.each(Object.entries(networks))('%s', (_, build) => {
  test.each(forms)('%s weights give what ONNX Runtime gives, whatever the shapes and in whatever order', async (form) => {
    const model = build();
    const { bytes } = writePith({ model, stored: storedAs(form, model) });
    const decoded = toModel(readPith(bytes));
    const loaded = await load(bytes);
    for (const [batch, length] of [
      [1, 8],
      [3, 5],
      [1, 8],
    ] as const) {
      // biome-ignore format: one line says more
      const feeds = feedsOf(model, batch, length);
      const expected = (await runOrt(decoded, feeds))['y']!;
      const { y } = await loaded.run(feeds);
      expect(worst(y!, expected)).toBeLessThanOrEqual(1);
      const other = Float32Array.from(y!.data, (x, i) => (i === 0 ? x + 0.1 : x));
      expect(worst({ dims: y!.dims, data: other }, expected)).toBeGreaterThan(1);
    }
  });
});
