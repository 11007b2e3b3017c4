import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layerTable, renderText, summaryTable } from '../../src/report/text.js';
import { textTable } from '../../src/report/text-table.js';
import { lenet5 } from './sample.js';

test('The summary has the rows of Table 1: reference, compressed, decoded', () => {
  expect(`\n${summaryTable(lenet5)}\n`).toBe(`
network                   top-1 error  parameters      bytes  compress rate
───────────────────────────────────────────────────────────────────────────
lenet-5  reference             0.78 %     431,080  1,724,320
lenet-5  compressed            0.74 %      32,817     36,214          47.6×
lenet-5  decoded to ONNX       0.74 %      32,817
`);
});

test('The table of layers has the columns of Tables 2 and 3 and a total', () => {
  expect(`\n${layerTable(lenet5)}\n`).toBe(`
                          weight         index         compress
                 weights    bits          bits             rate
layer  #weights        P     P+Q  P+Q+H    P+Q  P+Q+H       P+Q    P+Q+H
───────────────────────────────────────────────────────────────────────────────
conv1       520   66.0 %     8.0    6.7    8.0    1.5   61.44 %  43.27 %   2.3×
conv2    25,050   12.0 %     8.0    7.2    8.0    3.5    7.22 %   5.21 %  19.1×
fc1     400,500    7.1 %     5.0    4.2    5.0    3.6    2.40 %   1.79 %  55.7×
fc2       5,010   19.0 %     5.0    4.4    5.0    2.6    6.78 %   4.43 %  22.5×
───────────────────────────────────────────────────────────────────────────────
total   431,080    7.6 %     5.3    4.5    5.3    3.5    2.80 %   2.07 %  48.2×
`);
});

test('Integers that were trained against their bytes have no stages: what is not zero, and what that takes', () => {
  const rated = { ...lenet5, points: lenet5.points.map((point) => ({ ...point, stage: 'rated' as const })) };
  expect(`\n${layerTable(rated)}\n`).toBe(`
                    not  bits of               of
layer  #weights    zero     each   bytes  float32
────────────────────────────────────────────────────────
conv1       520  66.0 %      8.2     900  43.27 %   2.3×
conv2    25,050  12.0 %     10.7   5,220   5.21 %  19.1×
fc1     400,500   7.1 %      7.8  28,730   1.79 %  55.7×
fc2       5,010  19.0 %      7.0     888   4.43 %  22.5×
────────────────────────────────────────────────────────
total   431,080   7.6 %      8.0  35,738   2.07 %  48.2×
`);
});

test('Biases and normalization share a row: their bytes count, their bits do not', () => {
  const rest = (name: string, kind: string, parameters: number) => ({
    ...lenet5.layers[0]!,
    name,
    kind,
    parameters,
    density: 1,
    weightBits: { fixed: 32, coded: 30 },
    indexBits: { fixed: 0, coded: 0 },
    bytes: { dense: 4 * parameters, pruned: 4 * parameters, shared: 4 * parameters, coded: 3 * parameters },
  });
  const rowsOf = (...more: ReturnType<typeof rest>[]) => layerTable({ ...lenet5, layers: [...lenet5.layers, ...more] }).split('\n');
  const rows = rowsOf(rest('fc1.bias', 'bias', 500), rest('fc2.bias', 'bias', 10_000));
  expect(rows.filter((row) => row.includes('bias'))).toEqual([
    'biases    10,500  100.0 %       –      –      –      –  100.00 %  75.00 %   1.3×',
  ]);
  expect(rows.at(-1)).toBe('total    441,580    9.8 %     5.3    4.5    5.3    3.5    5.11 %   3.81 %  26.2×');
  expect(rowsOf(rest('bn.scale', 'normalization', 20)).at(-3)).toMatch(/^biases, normalization /);
});

test('The whole text begins with the result and says which targets were missed', () => {
  const missed = { name: 'size', wanted: '≤ 30 kB', got: '36.2 kB', met: false };
  const lines = renderText({ ...lenet5, targets: [...lenet5.targets, missed] }).split('\n');
  expect(lines.slice(0, 6)).toEqual([
    'lenet-5 on mnist, seed 7, 3 min 11 s',
    '431,080 parameters · 1.7 MB → 36.2 kB · 47.6× · error 0.78 % → 0.74 %',
    '',
    'met:     size, wanted ≤ 44.2 kB, got 36.2 kB',
    'met:     error, wanted ≤ 0.78 %, got 0.74 %',
    'NOT MET: size, wanted ≤ 30 kB, got 36.2 kB',
  ]);
});

test('No line is wider than 110 columns, holds a control character or ends in a space, whatever the names are', () => {
  const names = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(names, names, (layer, network) => {
      const text = renderText({
        ...lenet5,
        network,
        targets: [],
        layers: lenet5.layers.map((row) => ({ ...row, name: `${layer}\u001b[2J\r\n`, parameters: row.parameters * 1e6 })),
      });
      for (const line of text.split('\n')) {
        expect([...line].length).toBeLessThanOrEqual(110);
        expect(line).not.toMatch(/\p{Cc}| $/u);
      }
    }),
    { seed: 3, numRuns: 100 },
  );
});

test('Tables without rows or columns are drawn', () => {
  expect(textTable({ columns: [{ title: 'a\nb', align: 'left' }], rows: [] })).toBe('a\nb\n─');
  expect(textTable({ columns: [], rows: [[]] })).toBe('\n\n');
});
