/** Kernels for relaxed SIMD: never taken unless given, refused where the host has none, as near to the others as float32 is. */
import { expect, test } from 'vitest';
import { writePith } from '../../src/format/write.js';
import { hasRelaxedSimd } from '../../src/kernels/relaxed.js';
import { load } from '../../src/model/load.js';
import { rejection } from '../help/expect-code.js';
import { bell, random, value } from '../help/models.js';
import { forms, Net, networks, storedAs } from '../help/networks.js';
import { worst } from '../help/ort.js';
import { allowRelaxed, relaxedBytes } from '../help/relaxed.js';
import { until } from '../help/threads.js';

const wasm = relaxedBytes;
const noise = (count: number, seed = 3): Float32Array => {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => bell(next));
};

// before anything allows it, which Node before 22 does not by itself
test('the host says whether it has them', async () => {
  const before = hasRelaxedSimd();
  expect(before).toBe(WebAssembly.validate(relaxedBytes));
  const { bytes } = writePith({ model: networks['mobilenet']!() });
  if (!before) expect((await rejection(() => load(bytes, { wasm }))).code).toBe('input.wasm');
  allowRelaxed();
  expect(hasRelaxedSimd()).toBe(true);
  expect((await load(bytes, { wasm })).inputs).toHaveLength(1);
});

test.each(forms)('networks of %s weights give what they give without, within float32', async (form) => {
  allowRelaxed();
  for (const name of ['mobilenet', 'inception', 'squeezenet']) {
    const model = networks[name]!();
    const { bytes } = writePith({ model, stored: storedAs(form, model) });
    const [exact, relaxed] = [await load(bytes), await load(bytes, { wasm })];
    const [input] = exact.inputs;
    const dims = input!.dims!.map((d) => (typeof d === 'number' ? d : 1));
    const feeds = { [input!.name]: { dims, data: noise(dims.reduce((a, b) => a * b, 1)) } };
    const [expected, given] = [(await exact.run(feeds))['y']!, (await relaxed.run(feeds))['y']!];
    expect([name, worst(given, expected) <= 1]).toEqual([name, true]);
    expect(worst({ ...given, data: Float32Array.from(given.data, (x) => 1.01 * x + 0.01) }, expected)).toBeGreaterThan(1);
  }
});

test('threads compute with the kernels that were given as bytes', async () => {
  allowRelaxed();
  const net = new Net(5);
  let x = net.conv('image', { from: 3, to: 16, kernel: 3 }, true);
  for (let i = 0; i < 8; i++) x = net.relu(net.conv(x, { from: 16, to: 16, kernel: 3 }, true));
  net.head(x, 16);
  const { bytes } = writePith({ model: net.model([value('image', 'N', 3, 32, 32)]) });
  const feeds = { image: noise(3 * 1024) };
  const run = async (model: Awaited<ReturnType<typeof load>>) => (await model.run(feeds))['y']!.data;
  const alone = await load(bytes, { wasm, threads: 1 });
  const model = await load(bytes, { wasm: relaxedBytes.slice(), threads: 3 });
  await until(() => model.threads === 3);
  expect(await run(model)).toEqual(await run(alone));
  model.dispose();
});
