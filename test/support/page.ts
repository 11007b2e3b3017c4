/** A page in Chromium: a script bundled by esbuild, and files beside it, served on this machine. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium as driver, type Page } from 'playwright-core';
import { chromium } from './chromium.js';

export type ServedFile = readonly [type: string, body: string | Uint8Array];

export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * `script` sets `globalThis.run`; its imports are resolved from `resolveDir`. `files` by their path in the page, such as `/m.pith`; `headers`
 * are sent with all of them.
 */
export async function openPage(
  script: string,
  resolveDir: string,
  files: ReadonlyMap<string, ServedFile> = new Map(),
  headers: Readonly<Record<string, string>> = {},
): Promise<OpenPage> {
  const bundle = await build({
    stdin: { contents: script, resolveDir },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  const served = new Map<string, ServedFile>([
    ['/', ['text/html', '<!doctype html><title>pith</title><script type="module" src="/page.js"></script>']],
    ['/page.js', ['text/javascript', bundle.outputFiles[0]!.contents]],
    ...files,
  ]);
  const server = createServer((request, response) => {
    const found = served.get(request.url ?? '');
    response.writeHead(found ? 200 : 404, {
      ...headers,
      'content-type': found?.[0] ?? 'text/plain',
      'content-length': found?.[1].length ?? 0,
    });
    response.end(found?.[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await driver.launch({ executablePath: chromium!, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('typeof run === "function"');
  return {
    page,
    async close() {
      await browser.close();
      server.close();
    },
  };
}
