/** Chromium with a page of a server on this machine. */
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { chromium } from './chromium.js';

/** Opens Chromium; only where there is one. */
export const openBrowser = (): Promise<Browser> => driver.launch({ executablePath: chromium!, args: ['--no-sandbox'] });

/** A page whose script has set `globalThis.run`. What went wrong in it before is thrown. */
export async function openApp(browser: Pick<Browser, 'newPage'>, address: string): Promise<Page> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('requestfailed', (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.goto(address);
  await page.waitForFunction('typeof run === "function"', undefined, { timeout: 10_000 }).catch((error: unknown) => {
    throw new Error(errors.join('\n') || String(error));
  });
  return page;
}
