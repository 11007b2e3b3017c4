import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { jsonOf, writeResult } from '../../src/cli/output.js';
import { Screen } from './stream.js';

const result = { text: 'a table', json: { bytes: 36_214, loss: Number.NaN } };

test('Text ends with one line break', async () => {
  const out = new Screen();
  await writeResult(result, { stream: out, command: 'eval', json: false });
  await writeResult({ ...result, text: 'another\n' }, { stream: out, command: 'eval', json: false });
  await writeResult({ ...result, text: '' }, { stream: out, command: 'eval', json: false });
  expect(out.text).toBe('a table\nanother\n');
});

test('--json is one object on one line, with version and command first', async () => {
  const out = new Screen();
  await writeResult(result, { stream: out, command: 'eval', json: true });
  expect(out.text).toBe('{"pith":1,"command":"eval","bytes":36214,"loss":null}\n');
  expect(jsonOf('eval', { command: 'other', pith: 9 })).toBe('{"pith":1,"command":"eval"}');
});

const failing = (code: string): Writable =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })) });

test('A reader that has gone away is no failure', async () => {
  await expect(writeResult(result, { stream: failing('EPIPE'), command: 'eval', json: false })).resolves.toBeUndefined();
});

test.each([
  ['ENOSPC', 'output.full'],
  ['EIO', 'output.failed'],
])('A stream that fails with %s is a typed error', async (system, code) => {
  await expect(writeResult(result, { stream: failing(system), command: 'eval', json: false })).rejects.toMatchObject({ code });
});

test('A large result into a pipe whose reader stops early ends quietly', async () => {
  const head = spawn('head', ['-c', '10'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = new Promise((resolve) => head.on('close', resolve));
  await writeResult({ ...result, text: 'x'.repeat(4_000_000) }, { stream: head.stdin, command: 'eval', json: false });
  await closed;
});
