/** `pith bench`: every layer with its kernel and its time, and peers beside it that give the same numbers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePith } from 'pith-runtime';
import { describe, expect, test } from 'vitest';
import type { BenchResult } from '../../src/library/bench.js';
import { parsed } from '../onnx/samples.js';
import { pithHere, workFolder } from './command.js';

const folder = workFolder(async (at) => {
  const odd = parsed('g(x: float32[N,2]) -> (y: float32[N,2]) { y = com.acme::Zap(x) }');
  await writeFile(join(at, 'odd.pith'), writePith({ model: odd }).bytes);
  const half = parsed('g(x: float16[N,2]) -> (y: float16[N,2]) { s = Mul(x, x)\n y = Sigmoid(s) }');
  await writeFile(join(at, 'half.pith'), writePith({ model: half }).bytes);
});
const bench = (...words: string[]) => pithHere(['bench', ...words, '--seconds', '0.05'], { cwd: folder() });

describe('pith bench', () => {
  test('times each layer, and both peers in turns, as one object', async () => {
    const { out } = await bench('tiny.onnx', '--vs', 'onnxruntime-web,onnxruntime-node', '--batch', '3', '--json');
    const { layers, timed, memory, ...rest } = JSON.parse(out) as BenchResult;
    expect(rest).toMatchObject({ pith: 1, command: 'bench', file: 'tiny.onnx', format: 'onnx', batch: 3 });
    expect(layers.filter(({ op }) => op === 'Gemm')).toMatchObject([
      { dims: [[3, 12]], denseMultiplyAdds: 3 * 784 * 12 },
      { dims: [[3, 10]], denseMultiplyAdds: 3 * 12 * 10 },
    ]);
    for (const { milliseconds, kernel } of layers) {
      expect(milliseconds).toBeGreaterThanOrEqual(0);
      expect(kernel).not.toBe('');
    }
    expect(timed.map(({ name }) => name)).toEqual(['pith-runtime', 'onnxruntime-web', 'onnxruntime-node']);
    expect(new Set(timed.map(({ runs }) => runs)).size).toBe(1);
    for (const { error, median, least, runs } of timed) {
      expect(error).toBeLessThan(1e-4);
      expect(least).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(least);
      expect(runs).toBeGreaterThanOrEqual(5);
    }
    expect(memory.weights).toBeGreaterThan(4 * 784 * 12);
    expect(memory.arena).toBeGreaterThanOrEqual(memory.peakActivations);
  });

  test('feeds floats of 16 bits as float32, and compares numbers', async () => {
    const { code, out } = await bench('half.pith', '--vs', 'onnxruntime-node', '--allow-reduced-precision', '--json');
    expect(code).toBe(0);
    // ONNX Runtime rounds to eleven bits after each operator
    const errors = (JSON.parse(out) as BenchResult).timed.map(({ error }) => error);
    expect(Math.max(...errors)).toBeLessThan(2 ** -10);
    expect(errors).toEqual([expect.any(Number), 0]);
  });

  test('says it as tables, and with --explain why', async () => {
    const { code, out } = await bench('tiny.onnx', '--explain');
    expect(code).toBe(0);
    expect(out).toMatch(/^onnx, [\d.]+ kB, batch 1, one thread\n/);
    expect(out).toMatch(/^total .* 9,528 +100\.0 %$/m);
    expect(out).toMatch(/^fc1: [\w-]+: about [\d.]+ µs/m);
    expect(out).toMatch(/^pith-runtime .* 1\.00× .*$/m);
    expect(out).toMatch(/^memory: weights [\d.]+ kB, activations [\d.]+ kB/m);
  });

  test.each([
    ['a peer that is none', ['tiny.onnx', '--vs', 'tfjs'], 2, /onnxruntime-node or onnxruntime-web/],
    ['an operator that nobody runs', ['odd.pith'], 3, /Zap/],
    ['no time', ['tiny.onnx', '--seconds', '0'], 2, /a number above 0/],
  ])('refuses %s', async (_, words, code, message) => {
    expect(await pithHere(['bench', ...words], { cwd: folder() })).toMatchObject({ code, err: expect.stringMatching(message) });
  });
});
