import { parseHTML } from 'linkedom';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renderReport } from '../../src/report/html.js';
import { allowed } from '../../src/report/markup.js';
import type { Report } from '../../src/report/report.js';
import { lenet5 } from './sample.js';

const page = (report: Report) => parseHTML(renderReport(report)).document;
const text = (report: Report): string => (page(report).querySelector('main')?.textContent ?? '').replace(/\s+/g, ' ');

const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
beforeEach(() => warn.mockClear());
afterEach(() => expect(warn, 'Plot warns of marks that it cannot draw').not.toHaveBeenCalled());

/** What a pattern finds, with a little around it: the whole page would be too much for a message. */
const found = (markup: string, pattern: RegExp): string[] =>
  [...markup.matchAll(pattern)].slice(0, 3).map((match) => markup.slice(Math.max(0, match.index - 60), match.index + 60));

const unfinished = /NaN|Infinity|undefined/g;

/** Tags that are not closed, or closed in the wrong order; none where the markup is well-formed. */
function unbalanced(markup: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const tags = markup.replace(/<style>[\s\S]*?<\/style>/g, '').matchAll(/<(\/?)([a-zA-Z][\w-]*)(?:\s+[\w:-]+(?:="[^"]*")?)*\s*(\/?)>/g);
  for (const [, close, name = '', self] of tags) {
    if (self || ['meta'].includes(name)) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

test('The page shows the figures of the result', () => {
  const shown = text(lenet5);
  for (const part of [
    '431,080 parameters · 1.7 MB → 36.2 kB · 47.6× · error 0.78 % → 0.74 %',
    '✓ met size: wanted ≤ 44.2 kB, got 36.2 kB',
    'P+Q: shared, fixed-length codes48,2922.80 %35.7×',
    'fc1.weight26,73073.8 %',
    'pith compress lenet-5.onnx --data mnist',
    lenet5.fileHash,
    '"use": "share"',
    '3 min 11 s',
  ])
    expect(shown).toContain(part);
});

test('The table of layers has the columns of Tables 2 and 3 and a total', () => {
  const rows = [...page(lenet5).querySelectorAll('table')].map((table) =>
    [...table.querySelectorAll('tr')].map((row) => [...row.querySelectorAll('th,td')].map((cell) => cell.textContent)),
  );
  const table = rows.find((found) => found[0]?.includes('weight bits'));
  expect(table).toEqual([
    ['', 'weights', 'weight bits', 'index bits', 'compress rate'],
    ['layer', '#weights', 'P', 'P+Q', 'P+Q+H', 'P+Q', 'P+Q+H', 'P+Q', 'P+Q+H', 'smaller'],
    ['conv1', '520', '66.0 %', '8.0', '6.7', '8.0', '1.5', '61.44 %', '43.27 %', '2.3×'],
    ['conv2', '25,050', '12.0 %', '8.0', '7.2', '8.0', '3.5', '7.22 %', '5.21 %', '19.1×'],
    ['fc1', '400,500', '7.1 %', '5.0', '4.2', '5.0', '3.6', '2.40 %', '1.79 %', '55.7×'],
    ['fc2', '5,010', '19.0 %', '5.0', '4.4', '5.0', '2.6', '6.78 %', '4.43 %', '22.5×'],
    ['total', '431,080', '7.6 %', '5.3', '4.5', '5.3', '3.5', '2.80 %', '2.07 %', '48.2×'],
  ]);
});

test('The page is well-formed, needs no network and no script, and forbids both', () => {
  const markup = renderReport(lenet5);
  expect(unbalanced(markup)).toEqual([]);
  expect(unbalanced('<p><b>x</p></b>')).not.toEqual([]);
  expect(markup.split('\n').slice(0, 2)).toEqual(['<!doctype html>', '<html lang="en">']);
  expect(found(markup, /<script|<link|<img|<iframe|https?:|url\(|@import|\son\w+=/gi)).toEqual([]);
  expect(found(markup, unfinished)).toEqual([]);
  expect(found(markup, /content="default-src 'none'; style-src 'unsafe-inline'[;"]/g)).toHaveLength(1);
  expect(Buffer.byteLength(markup), 'one page of a small network').toBeLessThan(400_000);
});

test('Every chart has a label, and a table in its section', () => {
  const document = page(lenet5);
  const charts = [...document.querySelectorAll('svg[role=img]')];
  expect(charts).toHaveLength(2 + 2 + 4 + 2 + 4); // stages, file, one per layer, size against error, loss and error
  for (const chart of charts) {
    expect(chart.getAttribute('aria-label')).toBeTruthy();
    expect(chart.closest('section')?.querySelector('details table')).toBeTruthy();
  }
});

test('The same report gives the same page', () => expect(renderReport(lenet5) === renderReport(structuredClone(lenet5))).toBe(true));

const hostile = [
  '</title></style></svg></table><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<!-- ]]> --!> &lt;b&gt; &#60;',
  '\u0000\u001b[31m\ud800\u202e<svg/onload=alert(1)>',
  '__proto__',
];

/** Enough for one of each chart. */
const small: Report = { ...lenet5, layers: lenet5.layers.slice(0, 1), curves: lenet5.curves.slice(0, 1) };

/** The report with every string replaced. */
function poison<T>(value: T, by: string): T {
  if (typeof value === 'string') return by as T;
  if (Array.isArray(value)) return value.map((item) => poison(item, by)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poison(item, by)])) as T;
}

/** Elements and the names of their attributes: what a name could add to. */
const skeleton = (markup: string): string =>
  [...parseHTML(markup).document.querySelectorAll('*')]
    .map((element) => `${element.tagName} ${[...element.attributes].map((a) => a.name).join(' ')}`)
    .join('\n');

test.each(hostile)('Strings like %j add no element and no attribute', (name) => {
  const inside = (report: Report, by: string): Report => ({
    ...poison(report, by),
    points: report.points.map((p) => ({ ...p, use: by })),
    versions: { [by]: by },
    recipe: { [by]: [by] },
  });
  const markup = renderReport(inside(small, name));
  // As many characters, so that charts leave out the same labels; none is a space, so that the command has one word.
  const harmless = name.replace(/[^ ]/g, 'x');
  expect(skeleton(markup) === skeleton(renderReport(inside(small, harmless)))).toBe(true);
  const legible = allowed(name);
  const { document } = parseHTML(markup);
  expect(document.querySelector('h1')?.textContent).toBe(legible);
  expect(document.querySelector('.small svg')?.getAttribute('aria-label')).toContain(` ${legible} `);
  expect([...document.querySelectorAll('svg text')].map((label) => label.textContent)).toContain(legible);
  expect(found(markup, /<script|<img|<svg\/|(?!\n)\p{Cc}/gu)).toEqual([]);
});

test('A chart that does not escape would be noticed', () => {
  expect(skeleton('<p title="a"><b onclick="x">y</b></p>')).not.toBe(skeleton('<p title="a">y</p>'));
});

const none: Report = { ...lenet5, layers: [], points: [], curves: [], sections: [], targets: [], versions: {}, recipe: undefined };
const first = <T>(list: readonly T[]): T[] => list.slice(0, 1);
const nan = Number.NaN;

const odd: readonly (readonly [string, Report])[] = [
  ['nothing but its totals', none],
  [
    'zero bytes and parameters',
    { ...none, parameters: 0, bytes: { original: 0, pruned: 0, shared: 0, file: 0 }, error: { reference: 0, compressed: 0, decoded: 0 } },
  ],
  [
    'one point and one epoch',
    { ...lenet5, points: first(lenet5.points), curves: [{ step: 0, use: 'train', epochs: [{ loss: 0, error: 0 }] }] },
  ],
  [
    'numbers that are not finite',
    {
      ...lenet5,
      seconds: nan,
      error: { reference: nan, compressed: Number.POSITIVE_INFINITY, decoded: nan },
      bytes: { original: nan, pruned: -1, shared: Number.POSITIVE_INFINITY, file: 0 },
      sections: [{ name: 'a', bytes: nan }],
      layers: lenet5.layers.map((l) => ({ ...l, density: nan, codebook: [nan], histogram: { low: nan, high: 1, counts: [1, nan] } })),
      points: lenet5.points.map((p) => ({ ...p, bytes: nan, loss: nan })),
      curves: [{ step: 0, use: 'train', epochs: [{ loss: nan, error: nan }] }],
    },
  ],
  [
    'some losses that are NaN',
    { ...lenet5, curves: [{ step: 0, use: 'train', epochs: [{ loss: nan, error: 0.9 }, ...(lenet5.curves[0]?.epochs ?? [])] }] },
  ],
  [
    'errors of zero, all the same',
    { ...lenet5, error: { reference: 0, compressed: 0, decoded: 0 }, points: lenet5.points.map((p) => ({ ...p, error: 0, bytes: 5 })) },
  ],
  [
    'a histogram without bins or width',
    {
      ...lenet5,
      layers: first(lenet5.layers).flatMap((l) => [
        { ...l, histogram: { low: 0, high: 0, counts: [3] } },
        { ...l, histogram: { low: 0, high: 1, counts: [] } },
        { ...l, histogram: { low: 0, high: 1, counts: [0, 0] }, codebook: [] },
      ]),
    },
  ],
  [
    'a hundred sections and layers',
    {
      ...lenet5,
      sections: Array.from({ length: 100 }, (_, i) => ({ name: `part ${i}`, bytes: i })),
      layers: Array.from({ length: 100 }, () => lenet5.layers)
        .flat()
        .slice(0, 100),
    },
  ],
  [
    'many epochs',
    {
      ...lenet5,
      curves: Array.from({ length: 40 }, (_, step) => ({
        step,
        use: 'a step with a long name',
        epochs: Array.from({ length: 50 }, () => ({ loss: 1, error: 0.5 })),
      })),
    },
  ],
];

test.each(odd)('A report with %s becomes a whole page', (_, report) => {
  const markup = renderReport(report);
  expect(markup.endsWith('</html>\n')).toBe(true);
  expect(unbalanced(markup)).toEqual([]);
  expect(found(markup, unfinished)).toEqual([]);
});

test('What is not drawn is said', () => {
  const curves = [{ step: 0, use: 'train', epochs: [{ loss: nan, error: 0.9 }] }];
  expect(text({ ...lenet5, curves })).toContain('Not drawn because it is not a finite number: 1 value.');
});
