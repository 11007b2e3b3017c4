/** A squeeze in a page of Chromium and in Node: the same bytes, before and after. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromium } from '../support/chromium.js';
import { type OpenPage, openPage } from '../support/page.js';
import { type Squeezed, squeezedAt } from '../support/squeeze-case.js';

const script = `
  import { squeezedAt } from '../support/squeeze-case.js';
  globalThis.run = squeezedAt;
`;

describe.skipIf(!chromium)('a squeeze in Chromium', () => {
  let opened: OpenPage;

  beforeAll(async () => {
    opened = await openPage(script, import.meta.dirname);
  });

  afterAll(() => opened?.close());

  const inPage = async (effort: number, seed: number): Promise<Squeezed> => opened.page.evaluate(`run(${effort}, ${seed})`);

  test.each([0, 2, 3, 5])('at effort %i gives the file that Node gives', async (effort) => {
    expect(await inPage(effort, 3)).toEqual(await squeezedAt(effort, 3));
  });

  test('of another network is another file', async () => {
    expect(await inPage(5, 4)).not.toEqual(await squeezedAt(5, 3));
  });
});
