/** The way out for models that the runtime does not run: ONNX that ONNX Runtime runs to the same numbers. */
import { describe, expect, test } from 'vitest';
import { writePith } from '../../src/format/write.js';
import { load } from '../../src/model/load.js';
import type { Progress } from '../../src/model/sink.js';
import { toOnnx } from '../../src/onnx/to-onnx.js';
import { rejection } from '../help/expect-code.js';
import { bell, lenet5, lenet300, model, node, random, residual, value } from '../help/models.js';
import { runOnnx, worst } from '../help/ort.js';

describe.each(Object.entries({ 'lenet-5': lenet5(), 'lenet-300-100': lenet300(), 'a residual network': residual() }))('%s', (_, sample) => {
  test('gives in ONNX Runtime what it gives here', async () => {
    const { bytes } = writePith(sample);
    const loaded = await load(bytes);
    const { name, dims } = loaded.inputs[0]!;
    const shape = [2, ...(dims!.slice(1) as number[])];
    const next = random(6);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => bell(next));
    const here = await loaded.run({ [name]: { data, dims: shape } });
    const there = await runOnnx(await toOnnx(bytes), { [name]: { data, dims: shape } });
    expect(worst(here['logits']!, there['logits']!)).toBeLessThanOrEqual(1);
    const other = await runOnnx(await toOnnx(bytes), { [name]: { data: data.map((x) => 1.01 * x), dims: shape } });
    expect(worst(here['logits']!, other['logits']!)).toBeGreaterThan(1);
  });
});

test('what load refuses for its operators goes out as ONNX', async () => {
  const gadget = { ...node('Gadget', ['x'], ['y']), domain: 'com.example' };
  const given = model({ inputs: [value('x', 2)], outputs: [value('y', 2)], nodes: [gadget] });
  const { bytes } = writePith({ model: { ...given, opsets: new Map([...given.opsets, ['com.example', 1]]) } });
  expect((await rejection(() => load(bytes))).code).toBe('unsupported.operators');
  const onnx = new TextDecoder().decode(await toOnnx(bytes));
  for (const word of ['Gadget', 'com.example']) expect(onnx).toContain(word);
});

test('says how far it is, and stops where it is told', async () => {
  const { bytes } = writePith(lenet300());
  const seen: Progress['phase'][] = [];
  await toOnnx(bytes, { onProgress: ({ phase }) => seen.push(phase) });
  expect(seen).toEqual(['read', 'decode']);
  expect((await rejection(() => toOnnx(bytes, { signal: AbortSignal.abort() }))).code).toBe('interrupted.cancelled');
});
