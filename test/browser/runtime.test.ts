/** pith-runtime in a page: bundled by esbuild, run by Chromium, the same numbers as in Node. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, writePith } from '../../packages/runtime/src/index.js';
import { lenet5, lenet300, random } from '../../packages/runtime/test/help/models.js';
import { relaxedBytes } from '../../packages/runtime/test/help/relaxed.js';
import { chromium } from '../support/chromium.js';
import { type OpenPage, openPage, type ServedFile } from '../support/page.js';

const models = { 'lenet-5': writePith(lenet5()).bytes, 'lenet-300-100': writePith(lenet300()).bytes };
const damaged = models['lenet-5'].slice();
damaged[1000]! ^= 1;

const batch = 3;
const next = random(9);
const image = Float32Array.from({ length: batch * 784 }, next);

/** What the page does: load by address, run, answer with plain lists. */
const script = `
  import { hasRelaxedSimd, load } from 'pith-runtime';
  globalThis.run = async (address, image, more = {}) => {
    const phases = [];
    try {
      const model = await load(address, { onProgress: ({ phase }) => phases.push(phase), ...more });
      const { logits } = await model.run({ image: Float32Array.from(image) });
      return { dims: logits.dims, data: Array.from(logits.data), phases: [...new Set(phases)], relaxed: hasRelaxedSimd() };
    } catch (error) {
      return { code: error.code, message: error.message };
    }
  };
`;

/** How far apart two engines may be: Math.exp and the like aside they compute the same doubles; these nets use none. */
const tolerance = 1e-6;

describe.skipIf(!chromium)('pith-runtime in Chromium', () => {
  let opened: OpenPage;

  beforeAll(async () => {
    const files = new Map<string, ServedFile>([
      ['/damaged.pith', ['application/vnd.pith', damaged]],
      ['/kernels.relaxed.wasm', ['application/wasm', relaxedBytes]],
      ...Object.entries(models).map(([name, bytes]): [string, ServedFile] => [`/${name}.pith`, ['application/vnd.pith', bytes]]),
    ]);
    opened = await openPage(script, import.meta.dirname, files);
  });

  afterAll(() => opened?.close());

  interface Seen {
    readonly dims: number[];
    readonly data: number[];
    readonly phases: string[];
    readonly relaxed: boolean;
    readonly code?: string;
  }
  const inPage = async (address: string, more: object = {}): Promise<Seen> =>
    opened.page.evaluate(`run(${[address, Array.from(image), more].map((given) => JSON.stringify(given)).join(', ')})`);

  test.each(Object.entries(models))('%s gives what it gives in Node', async (name, bytes) => {
    const { logits } = await (await load(bytes)).run({ image });
    const seen = await inPage(`/${name}.pith`);
    expect(seen.code).toBeUndefined();
    expect(seen.dims).toEqual([batch, 10]);
    const off = Math.max(...seen.data.map((x, i) => Math.abs(x - logits!.data[i]!)));
    expect(off).toBeLessThanOrEqual(tolerance);
    expect(Math.max(...seen.data.map(Math.abs))).toBeGreaterThan(1000 * tolerance);
    expect(seen.phases).toEqual(['read', 'decode', 'plan']);
  });

  test('kernels for relaxed SIMD give the same within float32', async () => {
    const exact = await inPage('/lenet-5.pith');
    const relaxed = await inPage('/lenet-5.pith', { wasm: '/kernels.relaxed.wasm' });
    expect([exact.relaxed, relaxed.code]).toEqual([true, undefined]);
    const off = Math.max(...relaxed.data.map((x, i) => Math.abs(x - exact.data[i]!)));
    expect(off).toBeLessThanOrEqual(10 * tolerance);
  });

  test.each([
    ['a damaged file', '/damaged.pith', 'input.pith-checksum'],
    ['a page instead of a file', '/', 'input.pith-html'],
    ['a file that is not there', '/absent.pith', 'input.fetch'],
  ])('%s is a typed error there too', async (_, address, code) => {
    expect((await inPage(address)).code).toBe(code);
  });
});
