/**
 * Methods side by side on a small network: each gives its points as files that are what the report says; what was cut off goes on to the
 * same. Built, as augmented batches are made in a worker.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compare, compareReport, resumeCompare } from '../../dist/library/compare/compare.js';
import { methods } from '../../dist/library/compare/list.js';
import { sha256 } from '../../src/base/hash.js';
import type { CompareOptions } from '../../src/library/compare/compare.js';
import type { CompareProgress } from '../../src/library/compare/progress.js';
import { evaluate } from '../../src/library/evaluate.js';
import { renderCompare } from '../../src/report/compare-html.js';
import type { CompareReport } from '../../src/report/compare-report.js';
import { compareText } from '../../src/report/compare-text.js';
import { digits, inFolder, smallNetwork } from './support.js';

const model = smallNetwork();
const given = (output: string, more: Partial<CompareOptions> = {}): CompareOptions => ({
  ...{ model, data: digits, output, points: 2, epochs: 1, effort: 0, threads: 1, workers: 0 },
  ...more,
});
/** Without what a folder is called. */
const facts = ({ command: _, ...report }: CompareReport): unknown => report;

describe('compare', () => {
  test('every method of the list gives a curve of files, and they are what the report says', () =>
    inFolder(async (folder) => {
      const output = join(folder, 'all');
      const { report, reportFile } = await compare(given(output));
      expect(report.curves.map(({ method }) => method)).toEqual(methods.map(({ name }) => name));
      for (const { method, points, skipped } of report.curves) {
        expect([method, skipped, points.length]).toEqual([method, undefined, 2]);
        for (const { file, fileHash, bytes, error } of points) {
          const found = new Uint8Array(await readFile(join(output, file)));
          expect([sha256(found), found.length]).toEqual([fileHash, bytes]);
          expect((await evaluate({ model: found, data: digits, threads: 1 })).error).toBe(error);
        }
        expect(points[1]!.bytes).toBeLessThan(points[0]!.bytes);
      }
      const bytesOf = (name: string): number[] => report.curves.find(({ method }) => method === name)!.points.map(({ bytes }) => bytes);
      for (const [large, small] of [
        ['P+Q', 'P+Q+H'],
        ['P+Q+H', 'P+Q+mix'],
        ['rated+H', 'rated'],
      ] as const)
        expect(bytesOf(small)[0], `${small} against ${large}: the same network under a better coder`).toBeLessThan(bytesOf(large)[0]!);
      expect(await readFile(reportFile, 'utf8')).toBe(renderCompare(report));
      expect(report.equalBytes.length).toBeGreaterThan(0);
      for (const { name } of methods) expect(compareText(report)).toMatch(new RegExp(`^${name.replaceAll('+', '\\+')} .*points/`, 'm'));
    }));

  test('what was cut off goes on, by the same call and by resume; other settings are refused', () =>
    inFolder(async (folder) => {
      const more = { methods: ['P', 'P+Q+H'], points: 3 };
      const whole = await compare(given(join(folder, 'whole'), more));
      const output = join(folder, 'cut');
      const cutAt = (when: (p: CompareProgress) => boolean): Partial<CompareOptions> => {
        const controller = new AbortController();
        return { signal: controller.signal, onProgress: (p) => void (when(p) && controller.abort()) };
      };
      const first = cutAt(({ training }) => training?.round === 1 && training.fit !== undefined);
      await expect(compare(given(output, { ...more, ...first }))).rejects.toMatchObject({ code: 'interrupted.cancelled' });
      await expect(compareReport(output)).rejects.toMatchObject({ code: 'input.run', detail: { got: 'one that has not' } });
      await expect(compare(given(output, { ...more, points: 2 }))).rejects.toMatchObject({ code: 'usage.run-exists' });
      const again = cutAt(({ training }) => training?.round === 2 && training.fit !== undefined);
      await expect(compare(given(output, { ...more, ...again }))).rejects.toMatchObject({ code: 'interrupted.cancelled' });
      const done = await resumeCompare(output, { data: digits });
      expect(facts(done!.report)).toEqual(facts(whole.report));
      expect((await compareReport(output))!.report).toEqual(done!.report);
      const seen: CompareProgress[] = [];
      await compare(given(output, { ...more, onProgress: (p) => seen.push(p) }));
      expect(seen.filter(({ training }) => training)).toEqual([]);
    }));

  test.each<[string, Partial<CompareOptions>, string]>([
    ['an unknown method', { methods: ['P+Q+Z'] }, 'usage.method'],
    ['no method', { methods: [] }, 'usage.method'],
    ['one point', { points: 1 }, 'usage.option'],
    ['half an epoch', { epochs: 0.5 }, 'usage.option'],
    ['an effort that is not there', { effort: 10 }, 'usage.option'],
    ['an unknown option', { epoch: 3 } as never, 'usage.option'],
    ['a model that is not there', { model: '/nowhere.onnx' }, 'input.file'],
  ])('%s: refused before a folder is made', (_, more, code) =>
    inFolder(async (folder) => {
      const output = join(folder, 'out');
      await expect(compare(given(output, more))).rejects.toMatchObject({ code });
      await expect(readFile(join(output, 'run.json'))).rejects.toThrow();
    }),
  );
});

test('A method that cannot do a model is said with its reason, in text and page', () => {
  const report: CompareReport = {
    ...{
      pithCompare: 1,
      network: '<b>x</b>',
      parameters: 10,
      original: 40,
      reference: { error: 0.1, loss: 1 },
      equalBytes: [],
      equalError: [],
    },
    data: { name: 'd', train: 1, test: 1, classes: 2 },
    curves: [{ method: 'P', what: 'pruned', points: [], skipped: 'no <weights>' }],
    ...{ seed: 7, points: 2, epochs: null, command: 'pith compare x', versions: {}, sourceHash: 'ab' },
  };
  expect(compareText(report)).toContain('not done: no <weights>');
  const page = renderCompare(report);
  expect(page).toContain('not done: no &lt;weights&gt;');
  expect(page).not.toContain('<b>x</b>');
  expect(page.endsWith('</html>\n')).toBe(true);
});
