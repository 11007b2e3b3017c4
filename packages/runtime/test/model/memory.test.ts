/** What a model keeps in memory, counted after collections of garbage: its weights once, in its heap, and neither the file nor its stored forms. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { largeFile } from '../../../../test/support/large-file.js';
import { readPith } from '../../src/format/read.js';
import { load } from '../../src/model/load.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of arrays that are in use; memories of WebAssembly do not count here. */
async function arrays(): Promise<number> {
  // what an await holds is let go by the next one, and arrays are swept beside the program: until nothing changes
  for (let before = -1, rounds = 0; ; rounds++) {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
    const now = process.memoryUsage().arrayBuffers;
    if (now === before || rounds === 50) return now;
    before = now;
  }
}

test('weights are kept once, in the heap of the model', async () => {
  const [side, layers] = [1024, 4];
  const file = largeFile({ side, layers });
  const before = await arrays();
  const model = await load(new Blob([file.slice()]));
  await model.run({ x: new Float32Array(side) });
  expect((await arrays()) - before).toBeLessThan(100_000);
  const dense = 4 * layers * side * side;
  expect(model.memory.weights).toBeGreaterThanOrEqual(dense);
  expect(model.memory.weights).toBeLessThan(1.01 * dense);
  model.dispose();
  // the count sees what is kept: a byte for each weight, as stored
  const stored = readPith(file);
  expect((await arrays()) - before).toBeGreaterThan(layers * side * side - 1);
  expect(stored.tensors.size).toBe(layers);
});
