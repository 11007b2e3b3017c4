import { expect, test } from 'vitest';
import { renderSqueeze } from '../../src/report/squeeze-html.js';
import type { SqueezeReport } from '../../src/report/squeeze-report.js';
import { squeezeText } from '../../src/report/squeeze-text.js';

const report: SqueezeReport = {
  pithSqueeze: 1,
  network: 'net <b>&</b>',
  source: { bytes: 1_000_000, hash: 'a'.repeat(64) },
  file: { bytes: 80_000, hash: 'b'.repeat(64) },
  weights: 250_000,
  bitsPerWeight: 2.56,
  lossless: false,
  effort: 5,
  seed: 7,
  constant: 0.01,
  rounds: [
    { constant: 0.02, bytes: 70_000, fidelity: null },
    { constant: 0.01, bytes: 80_000, fidelity: 0.99937 },
  ],
  fidelity: {
    samples: 64,
    origin: 'noise',
    outputs: [{ name: '<img src=x>', cosine: 0.99937, error: 0.0012, maxAbs: 0.3, agreement: 0.97 }],
    layers: [{ name: 'Conv conv1', cosine: 0.9999, error: 0.0002, maxAbs: 0.1 }],
  },
  targets: [{ name: 'size', wanted: 'at most 90,000 bytes', got: '80,000 bytes', met: true }],
  tensors: [
    {
      name: 'conv1.weight',
      dtype: 'float32',
      dims: [64, 3, 3, 3],
      elements: 1728,
      rule: 'quantize',
      because: 'weight of Conv "conv1"',
      method: 'feedback',
      bytes: 600,
      parametrization: 'uniform',
      coder: 'mix',
    },
    {
      name: 'shape',
      dtype: 'int64',
      dims: [2],
      elements: 2,
      rule: 'exact',
      because: 'whole numbers',
      method: 'exact',
      bytes: 0,
      parametrization: 'graph',
      coder: 'text',
    },
  ],
  sections: [
    { name: 'header', bytes: 40 },
    { name: 'graph', bytes: 700 },
    { name: 'tensors', bytes: 79_260 },
  ],
  batchNorms: { folded: 3, refused: [] },
  seconds: 12,
  command: 'pith squeeze model.onnx',
  versions: { pith: '0.1.0' },
};

test('The page says what became of the model, escapes every name, loads and runs nothing', () => {
  const page = renderSqueeze(report);
  for (const words of ['1.0 MB → 80.0 kB', '12.5×', 'fidelity 0.99937', '✓ met', 'generated inputs', 'whole numbers', 'To make it again'])
    expect(page).toContain(words);
  expect(page).not.toMatch(/<img|<b>|<script|https?:\/\/(?!www\.w3\.org)/);
  expect(page).toContain('net &lt;b&gt;&amp;&lt;/b&gt;');
  expect(renderSqueeze(report)).toBe(page);
});

test('What was not measured and not searched for is left out', () => {
  const page = renderSqueeze({ ...report, fidelity: null, rounds: [], targets: [], lossless: true });
  expect(page).toContain('every bit kept');
  expect(page).not.toMatch(/How near|The search|class="targets"/);
});

test('The text has the same in one line, and never rounds a fidelity up', () => {
  expect(squeezeText(report)).toMatch(
    /^net <b>&<\/b>: 1\.0 MB → 80\.0 kB · 12\.5× · 2\.56 bits per weight · fidelity 0\.999370 · 12 s\nmet: /,
  );
  const near = { ...report, fidelity: { ...report.fidelity!, outputs: [{ ...report.fidelity!.outputs[0]!, cosine: 0.99999996 }] } };
  expect(squeezeText(near)).toContain('fidelity 0.99999996');
});
