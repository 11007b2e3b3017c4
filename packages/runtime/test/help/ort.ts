/** ONNX Runtime as the judge of this runtime: the same model, the same numbers. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Floats } from '../../src/kernels/kernel.js';
import type { Model } from '../../src/model.js';
import { writeOnnx } from '../../src/onnx/write.js';

type Named = Readonly<Record<string, Floats>>;

export const runOrt = (model: Model, feeds: Named): Promise<Record<string, Floats>> => runOnnx(writeOnnx(model), feeds);

/** The same of the bytes of an ONNX file. */
export async function runOnnx(onnx: Uint8Array, feeds: Named): Promise<Record<string, Floats>> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const given = Object.entries(feeds).map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)] as const);
    const outputs = await session.run(Object.fromEntries(given));
    return Object.fromEntries(Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as Float32Array, dims }]));
  } finally {
    await session.release();
  }
}

/** 1e-4 of the largest value: what the runtime promises; sums of some hundred float32 products differ by about 1e-6. */
const tolerance = 1e-4;

/** The largest difference as a share of what is allowed: up to 1 passes. Infinite where shapes differ. */
export function worst(actual: Floats, expected: Floats): number {
  if (actual.dims.join() !== expected.dims.join()) return Infinity;
  const scale = expected.data.reduce((most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : 0), 0);
  let ratio = 0;
  for (let i = 0; i < expected.data.length; i++) {
    if (Object.is(actual.data[i], expected.data[i])) continue;
    const off = Math.abs(actual.data[i]! - expected.data[i]!) / (tolerance * (scale || 1));
    ratio = Number.isNaN(off) ? Infinity : Math.max(ratio, off);
  }
  return ratio;
}
