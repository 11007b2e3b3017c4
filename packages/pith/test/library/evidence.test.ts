/** What lets a stranger believe a result: errors of two programs, the confusion matrix, an account of every byte. */
import { readPith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.js';
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { evidenceOf } from '../../src/library/evidence.js';
import { compress } from '../../src/library/runs.js';
import { verdictText } from '../../src/report/evidence.js';
import { renderReport } from '../../src/report/html.js';
import type { Report } from '../../src/report/report.js';
import { renderText } from '../../src/report/text.js';
import { digits, recipe, smallNetwork } from './support.js';

const compressed = await compress({ model: smallNetwork(), data: digits, recipe, threads: 1 });
const { report, bytes } = compressed;
const evidence = report.evidence!;
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

describe('the evidence of a report', () => {
  test('has the hash of the file, and the same error from two programs', () => {
    expect(report.fileHash).toBe(sha256(bytes));
    expect(evidence.runtime).toEqual({ error: report.error.decoded });
    expect(evidence.apart).toBe(0);
    expect(verdictText(report)).toMatch(/they agree$/);
  });

  test('has a confusion matrix whose diagonal is what is right', () => {
    const all = sum(evidence.confusion.flat());
    const right = sum(evidence.confusion.map((row, label) => row[label] ?? 0));
    expect(all).toBe(digits.test.count);
    expect(1 - right / all).toBeCloseTo(report.error.decoded, 12);
  });

  test('accounts for every byte, biases whole', () => {
    expect(sum(evidence.spent.map((row) => row.bytes))).toBeCloseTo(bytes.length, 6);
    const biases = readPith(bytes).report.tensors.filter(({ name }) => name.endsWith('.bias'));
    expect(evidence.spent.find(({ name }) => name === 'biases')!.bytes).toBeCloseTo(sum(biases.map((t) => t.bytes)), 6);
    expect(evidence.spent.map(({ name }) => name)).toEqual(expect.arrayContaining(['header', 'words', 'codebook', 'zeroFlags', 'indices']));
  });

  test('stands in text and page', () => {
    expect(renderText(report)).toMatch(/^zero or not +[\d.]+ +[\d.]+ %$/m);
    const page = renderReport(report);
    for (const words of ['Evidence', 'Confusion matrix', report.fileHash, 'they agree', 'zero or not']) expect(page).toContain(words);
  });
});

describe('where the two do not agree', () => {
  test('the images that moved are counted, and both pages say so', async () => {
    const judged = {
      error: 0.5,
      confusion: evidence.confusion.map((row, label) => row.map((n, i) => (label === 0 && i === 0 ? n - 3 : n))),
    };
    judged.confusion[0]![1]! += 3;
    const told = await evidenceOf({ file: bytes, decoded: compressed.model, judged, data: digits, preprocess: defaultPreprocess });
    expect(told.apart).toBe(3);
    const wrong: Report = { ...report, evidence: told };
    expect(renderText(wrong)).toContain('they DIFFER on 3 images or more');
    expect(renderReport(wrong)).toContain('they DIFFER on 3 images or more');
  });

  test('a network that pith-runtime does not run is said, with the reason', () => {
    const refused: Report = { ...report, evidence: { ...evidence, runtime: { refused: 'op "Foo": no kernel' }, apart: null } };
    expect(verdictText(refused)).toContain('pith-runtime does not run this network: op "Foo"');
    expect(renderReport(refused)).toContain('no kernel');
  });

  test('of many classes the largest mistakes are told', () => {
    const confusion = Array.from({ length: 200 }, (_, i) =>
      Array.from({ length: 200 }, (_, j) => (i === j ? 9 : i === 5 && j === 7 ? 4 : 0)),
    );
    expect(renderReport({ ...report, evidence: { ...evidence, confusion } })).toContain('most frequent mistakes among 200 classes');
  });
});
