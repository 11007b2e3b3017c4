import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatPercent,
  formatRatio,
  formatSeconds,
  printable,
  shorten,
} from '../../src/report/format.js';
import { layoutJson } from '../../src/report/json.js';
import { escapeHtml, html } from '../../src/report/markup.js';

const cases: readonly (readonly [string, string])[] = [
  [formatCount(0), '0'],
  [formatCount(999), '999'],
  [formatCount(431_080), '431,080'],
  [formatCount(-1_234_567), '-1,234,567'],
  [formatCount(-0.2), '0'],
  [formatCount(Number.NaN), '–'],
  [formatBytes(0), '0 B'],
  [formatBytes(999), '999 B'],
  [formatBytes(1000), '1.0 kB'],
  [formatBytes(36_214), '36.2 kB'],
  [formatBytes(999_949), '999.9 kB'],
  [formatBytes(999_950), '1.0 MB'],
  [formatBytes(1_724_320), '1.7 MB'],
  [formatBytes(3.2e15), '3200.0 TB'],
  [formatBytes(Number.POSITIVE_INFINITY), '–'],
  [formatPercent(0.0074), '0.74 %'],
  [formatPercent(0.0712, 1), '7.1 %'],
  [formatPercent(-0.00001), '0.00 %'],
  [formatPercent(Number.NaN), '–'],
  [formatRatio(47.68), '47.6×'],
  [formatRatio(39.99), '39.9×'],
  [formatRatio(40), '40.0×'],
  [formatRatio(120.9), '120×'],
  [formatRatio(1 / 0), '–'],
  [formatNumber(2.345678, 2), '2.35'],
  [formatSeconds(0.42), '0.4 s'],
  [formatSeconds(9.97), '10 s'],
  [formatSeconds(59.7), '1 min 0 s'],
  [formatSeconds(312), '5 min 12 s'],
  [formatSeconds(7_500), '2 h 5 min'],
  [formatSeconds(Number.NaN), '–'],
  [shorten('backbone.layer4.conv2.weight', 11), 'backb…eight'],
  [shorten('short', 11), 'short'],
  [shorten('abc', 1), '…'],
  [printable('a\u001b[31mb\nc\u202e'), 'a\ufffd[31mb\ufffdc\ufffd'],
];

test.each(cases)('%s is written as %s', (got, wanted) => expect(got).toBe(wanted));

test('Every value of a template is escaped unless it is markup itself', () => {
  const name = `<b a="1" c='2'>&`;
  const escaped = '&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;';
  expect(html`<p title="${name}">${[name, html`<i>${name}</i>`, 3, undefined]}</p>`.markup).toBe(
    `<p title="${escaped}">${escaped}<i>${escaped}</i>3</p>`,
  );
  expect(escapeHtml('a\u0000b\ud800c\td')).toBe('a\ufffdb\ufffdc\td');
});

test('JSON stands on one line where it fits, and reads back as the same value', () => {
  expect(layoutJson({ a: [1, 'x'], b: {}, c: [] })).toBe('{ "a": [1, "x"], "b": {}, "c": [] }');
  const long = {
    steps: [
      { use: 'prune', note: 'y'.repeat(60) },
      { use: 'train', note: 'z'.repeat(60) },
    ],
    seed: 7,
  };
  expect(layoutJson(long).split('\n')).toHaveLength(7);
  expect(JSON.parse(layoutJson(long))).toEqual(long);
  expect(layoutJson(undefined)).toBe('null');
});
