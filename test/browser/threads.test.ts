/** Threads of pith-runtime in Chromium: in a page that is isolated from other origins, in one that is not, and where a policy forbids them. */
import { afterEach, describe, expect, test } from 'vitest';
import { load, writePith } from '../../packages/runtime/src/index.js';
import { random, value } from '../../packages/runtime/test/help/models.js';
import { Net } from '../../packages/runtime/test/help/networks.js';
import { bitsOf } from '../../packages/runtime/test/help/threads.js';
import { chromium } from '../support/chromium.js';
import { type OpenPage, openPage } from '../support/page.js';

const side = 32;
/** Dense and depthwise layers, 30 million multiply-adds. */
function network(): Uint8Array {
  const net = new Net(11);
  let x = net.relu(net.conv('image', { from: 3, to: 32, kernel: 3 }));
  for (let i = 0; i < 3; i++) {
    x = net.relu(net.conv(x, { from: 32, to: 32, kernel: 3, groups: i === 1 ? 32 : 1 }));
    x = net.relu6(net.conv(x, { from: 32, to: 32, kernel: 1 }));
  }
  net.head(x, 32);
  return writePith({ model: net.model([value('image', 1, 3, side, side)]) }).bytes;
}
const bytes = network();
const image = Float32Array.from({ length: 3 * side * side }, random(2));

/** What the page does: a run at once, then runs until threads are there, or for a second. */
const script = `
  import { load } from 'pith-runtime';
  import { loadInWorker } from 'pith-runtime/worker';
  const bits = ({ y }) => Array.from(new Uint32Array(y.data.buffer));
  globalThis.run = async (how, threads, image) => {
    const feeds = { image: Float32Array.from(image) };
    const model = await (how === 'load' ? load : loadInWorker)('/m.pith', { threads });
    const runs = [bits(await model.run(feeds))];
    const end = performance.now() + 1000;
    let there = 1;
    while (there < threads && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      runs.push(bits(await model.run(feeds)));
      there = await model.threads;
    }
    for (let i = 0; i < 20; i++) runs.push(bits(await model.run(feeds)));
    model.dispose();
    const [first, ...others] = runs.map(String);
    return { isolated: crossOriginIsolated, there, bits: runs[0], differing: others.filter((other) => other !== first).length };
  };
`;

interface Answer {
  readonly isolated: boolean;
  readonly there: number;
  readonly bits: number[];
  readonly differing: number;
}

const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

describe.skipIf(!chromium)('threads in Chromium', () => {
  let opened: OpenPage | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  async function answer(how: 'load' | 'loadInWorker', threads: number, headers: Readonly<Record<string, string>>): Promise<Answer> {
    opened = await openPage(script, import.meta.dirname, new Map([['/m.pith', ['application/vnd.pith', bytes] as const]]), headers);
    return opened.page.evaluate<Answer>(`run(${JSON.stringify(how)}, ${threads}, ${JSON.stringify(Array.from(image))})`);
  }

  /** The bits of one thread in Node. */
  async function expected(): Promise<number[]> {
    const { y } = await (await load(bytes, { threads: 1 })).run({ image });
    return bitsOf(y!.data as Float32Array);
  }

  test.each([
    ['load', 2],
    ['load', 4],
    ['loadInWorker', 3],
  ] as const)('by %s: an isolated page has %i of them, and the bits of one thread in Node', async (how, threads) => {
    const seen = await answer(how, threads, isolation);
    expect(seen).toEqual({ isolated: true, there: threads, bits: await expected(), differing: 0 });
    expect(seen.bits).not.toEqual(bitsOf(image.subarray(0, seen.bits.length)));
  });

  test.each(['load', 'loadInWorker'] as const)('by %s: a page without headers has one, and the same bits', async (how) => {
    expect(await answer(how, 4, {})).toEqual({ isolated: false, there: 1, bits: await expected(), differing: 0 });
  });

  test('a policy that forbids workers of text leaves one, and the same bits', async () => {
    const policy = { 'content-security-policy': "worker-src 'self'" };
    const seen = await answer('load', 4, { ...isolation, ...policy });
    expect(seen).toEqual({ isolated: true, there: 1, bits: await expected(), differing: 0 });
  });
});
