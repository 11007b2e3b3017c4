/**
 * pith-runtime installed from its tarball and brought into a page in five ways: the model runs in the page and in a worker, with the kernels
 * that the package carries as text and with those that lie beside the page as a file, and goes out as ONNX. No server sends special headers.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, writePith } from '../../packages/runtime/src/index.js';
import { toOnnx } from '../../packages/runtime/src/onnx.js';
import { type FileServer, serveFile } from '../../packages/runtime/test/help/file-server.js';
import { lenet300, random } from '../../packages/runtime/test/help/models.js';
import { openApp, openBrowser } from '../support/browser.js';
import { type Way, ways } from '../support/bundlers.js';
import { chromium } from '../support/chromium.js';
import { type Installed, installRuntime } from '../support/installed.js';

const { bytes } = writePith(lenet300());
const image = Array.from({ length: 784 }, random(5));

const program = ({ wasm, worker }: Way): string => `
  import { load } from 'pith-runtime';
  import { toOnnx } from 'pith-runtime/onnx';
  import { loadInWorker } from 'pith-runtime/worker';
  ${wasm}
  globalThis.run = async (image) => {
    const answers = [];
    for (const [open, options] of [[load, {}], [loadInWorker, {}], [load, { wasm }], [loadInWorker, { wasm: fetch(wasm) }]]) {
      const model = await open('model.pith', 'wasm' in options ? { wasm: await options.wasm } : options);
      const { logits } = await model.run({ image: Float32Array.from(image) });
      answers.push(Array.from(logits.data));
      model.dispose();
    }
    const own = ${worker ?? 'undefined'};
    const model = await loadInWorker('model.pith', own ? { worker: own } : {});
    answers.push(Array.from((await model.run({ image: Float32Array.from(image) })).logits.data));
    model.dispose();
    own?.terminate();
    return { answers, onnx: (await toOnnx('model.pith')).length };
  };
`;

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

describe.skipIf(!chromium)('pith-runtime in a page', () => {
  let installed: Installed;
  let browser: Browser;
  let expected: unknown;

  beforeAll(async () => {
    installed = await installRuntime();
    browser = await openBrowser();
    const { logits } = await (await load(bytes)).run({ image: Float32Array.from(image) });
    expected = { answers: [1, 2, 3, 4, 5].map(() => [...logits!.data]), onnx: (await toOnnx(bytes)).length };
  });

  afterAll(async () => {
    await browser?.close();
    installed?.remove();
  });

  const siteOf = (out: string): Promise<FileServer> =>
    serveFile((_, path) => {
      const name = path === '/' ? '/index.html' : path;
      if (name === '/model.pith') return { file: bytes };
      try {
        return { file: readFileSync(join(out, name)), type: types[extname(name)] ?? 'application/octet-stream' };
      } catch {
        return { file: new Uint8Array(0), status: 404 };
      }
    });

  const answers = async (address: string): Promise<unknown> => {
    const page = await openApp(browser, address);
    try {
      return await page.evaluate(`run(${JSON.stringify(image)})`);
    } finally {
      await page.close();
    }
  };

  test.each(ways)('by $name', async (way) => {
    writeFileSync(join(installed.folder, 'main.js'), program(way));
    const out = join(installed.folder, 'out', way.name);
    mkdirSync(out, { recursive: true });
    await way.build(installed.folder, out);
    const site = await siteOf(out);
    try {
      expect(await answers(`${site.address}/`)).toEqual(expected);
    } finally {
      await site.close();
    }
  });

  test("by Vite's server while developing", async () => {
    const root = installed.folder;
    writeFileSync(join(root, 'main.js'), program(ways.find(({ name }) => name === 'Vite')!));
    writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>');
    mkdirSync(join(root, 'public'), { recursive: true });
    writeFileSync(join(root, 'public/model.pith'), bytes);
    const server = await createServer({ root, configFile: false, logLevel: 'error', server: { port: 0, host: '127.0.0.1', ws: false } });
    try {
      await server.listen();
      expect(await answers(server.resolvedUrls!.local[0]!)).toEqual(expected);
    } finally {
      await server.close();
    }
  });
});
