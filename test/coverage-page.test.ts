/** The committed page of operators says what the code does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CoverageFacts, coveragePage } from '../scripts/coverage.js';

const cases = import.meta.glob<{ cases: readonly unknown[] }>('../packages/pith/test/ops/cases/*.ts', { eager: true });
const runtime = import.meta.glob<{ operators: readonly { readonly name: string }[] }>('../packages/runtime/src/operators/list.ts', {
  eager: true,
});
const page = new URL('../docs/coverage.md', import.meta.url);

const facts: CoverageFacts = {
  samples: new Map(Object.entries(cases).map(([path, file]) => [/(\w+)\.ts$/.exec(path)?.[1] ?? '', file.cases.length])),
  kernels: new Set(Object.values(runtime).flatMap((file) => file.operators.map(({ name }) => name))),
};

test('docs/coverage.md is what scripts/coverage.ts writes (renew it with GOLDEN=write)', () => {
  const written = coveragePage(facts);
  if (process.env['GOLDEN'] === 'write') writeFileSync(page, written);
  expect(readFileSync(page, 'utf8')).toBe(written);
});

test('every operator has a row with a definition and samples', () => {
  const rows = coveragePage(facts)
    .split('\n')
    .filter((line) => line.startsWith('| ['));
  for (const row of rows) expect(row).toMatch(/^\| \[\w+\]\([^)]+\) \| [^|].* \| ✔ \| .* \| ✔ [1-9]\d* \| ✔? ?\|$/);
});

test('the page says what lacks: a kernel less and a sample less change it', () => {
  const without = (name: string): string =>
    coveragePage({ samples: new Map([...facts.samples].filter(([op]) => op !== name)), kernels: new Set(['Add']) });
  expect(without('Add')).not.toBe(without('Relu'));
  expect(coveragePage({ ...facts, kernels: new Set(['Relu']) })).not.toBe(coveragePage({ ...facts, kernels: new Set() }));
});
