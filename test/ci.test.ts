/** The count that .ci/run ends with: nothing that failed, was skipped or could not be loaded may count as nothing. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const count = fileURLToPath(new URL('../.ci/count.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pith-ci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (...statuses: readonly string[]) => ({
  name: 'a.test.ts',
  message: 'SyntaxError: x\nat y',
  assertionResults: statuses.map((status, i) => ({ status, fullName: `test ${i}` })),
});

test.each([
  ['all passed', { testResults: [file('passed', 'passed'), file('passed')] }, 0, '3 0'],
  ['one failed', { testResults: [file('passed', 'failed')] }, 1, '1 1'],
  ['skipped ones', { testResults: [file('passed', 'pending', 'skipped', 'todo')] }, 0, '1 3'],
  ['a file that cannot be loaded', { testResults: [file('passed'), file()] }, 1, '1 1'],
  ['an error outside of all tests', { testResults: [file('passed')] }, 1, '1 1'],
  ['a run without tests', { testResults: [] }, 0, '0 1'],
  ['no result at all', undefined, 1, '0 1'],
])('%s', (_, result, status, expected) => {
  const path = join(folder, 'result.json');
  writeFileSync(path, result ? JSON.stringify(result) : '');
  const { stdout } = spawnSync(process.execPath, [count, path, String(status)], { encoding: 'utf8' });
  expect(stdout).toBe(`${expected}\n`);
});
