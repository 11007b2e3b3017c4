/** ONNX Runtime as the judge of this runtime: the same model, the same numbers. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FeedData } from '../../src/model/feeds.js';
import type { Model } from '../../src/model.js';
import { writeOnnx } from '../../src/onnx/write.js';

/** Numbers of any type in row-major order. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly data: FeedData;
}

type Named = Readonly<Record<string, Numbers>>;

const types = new Map<unknown, 'float32' | 'int64' | 'int32' | 'bool'>([
  [Float32Array, 'float32'],
  [BigInt64Array, 'int64'],
  [Int32Array, 'int32'],
  [Uint8Array, 'bool'],
]);

export const runOrt = (model: Model, feeds: Named): Promise<Record<string, Numbers>> => runOnnx(writeOnnx(model), feeds);

/** The same of the bytes of an ONNX file. */
export async function runOnnx(onnx: Uint8Array, feeds: Named): Promise<Record<string, Numbers>> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const given = Object.entries(feeds).map(
      ([name, { data, dims }]) => [name, new Tensor(types.get(data.constructor)!, data, dims)] as const,
    );
    const outputs = await session.run(Object.fromEntries(given));
    return Object.fromEntries(Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as FeedData, dims }]));
  } finally {
    await session.release();
  }
}

/** 1e-4 of the largest value: what the runtime promises; sums of some hundred float32 products differ by about 1e-6. */
const tolerance = 1e-4;

/** The largest difference as a share of what is allowed: up to 1 passes. Infinite where shapes differ. */
export function worst(actual: Numbers, expected: Numbers): number {
  if (actual.dims.join() !== expected.dims.join()) return Infinity;
  const [given, right] = [actual, expected].map(({ data }) => Float64Array.from(data as ArrayLike<number | bigint>, Number)) as [
    Float64Array,
    Float64Array,
  ];
  const scale = right.reduce((most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : 0), 0);
  let ratio = 0;
  for (let i = 0; i < right.length; i++) {
    if (Object.is(given[i], right[i])) continue;
    const off = Math.abs(given[i]! - right[i]!) / (tolerance * (scale || 1));
    ratio = Number.isNaN(off) ? Infinity : Math.max(ratio, off);
  }
  return ratio;
}
