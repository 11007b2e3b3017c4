import { expect, test } from 'vitest';
import { style } from '../../src/report/style.js';

type Palette = ReadonlyMap<string, string>;

const palettes: Palette[] = [...style.matchAll(/:root \{([^}]*--paper[^}]*)\}/g)].map(
  ([, body = '']) => new Map([...body.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name = '', colour = '']) => [name, colour])),
);

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(palette: Palette, front: string, back: string): number {
  const [low = 0, high = 0] = [front, back].map((name) => luminance(palette.get(name) ?? '')).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test.each(['light', 'dark', 'print'].map((name, i) => [name, i] as const))('Text and marks stand out in the %s palette', (_, i) => {
  const palette = palettes[i] ?? new Map();
  // WCAG 2.2 AA: 4.5 for text, 3 for what a chart is read by.
  for (const text of ['ink', 'muted', 'a', 'good', 'bad']) expect(contrast(palette, text, 'paper'), text).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette, 'ink', 'code')).toBeGreaterThanOrEqual(4.5);
  for (const mark of ['a', 'b', 'soft', 'axis']) expect(contrast(palette, mark, 'paper'), mark).toBeGreaterThanOrEqual(3);
  expect(contrast(palette, 'a', 'track')).toBeGreaterThanOrEqual(3);
});

test('There are three palettes, and a pale grey would be noticed', () => {
  expect(palettes).toHaveLength(3);
  expect(
    contrast(
      new Map([
        ['paper', '#ffffff'],
        ['ink', '#999999'],
      ]),
      'ink',
      'paper',
    ),
  ).toBeLessThan(4.5);
});
