/** Both sides of the comparison behind one word: pith-runtime on the compressed file, onnxruntime-web on the same weights as floats. */
import * as ort from 'onnxruntime-web/wasm';
import { load } from 'pith-runtime';
import type { Subject } from './models.js';

/** Numbers from −1 to 1, always the same. */
export function noise(count: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

export interface Side {
  run(): Promise<Float32Array>;
  close(): Promise<void>;
}

type Input = Subject['input'];

export async function ours(file: Uint8Array, { name }: Input, x: Float32Array, threads = 1): Promise<Side> {
  const model = await load(file, { threads });
  return {
    run: async () => (await model.run({ [name]: x }))['logits']!.data as Float32Array,
    close: async () => model.dispose(),
  };
}

/** onnxruntime-web as one of its builds has it: that for Node alone has threads there. */
export interface Rival {
  readonly build: Pick<typeof ort, 'env' | 'InferenceSession' | 'Tensor'>;
  readonly threads: number;
}

const alone: Rival = { build: ort, threads: 1 };

export async function rival(onnx: Uint8Array, { name, dims }: Input, x: Float32Array, { build, threads }: Rival = alone): Promise<Side> {
  build.env.wasm.numThreads = threads;
  build.env.logLevel = 'error';
  const session = await build.InferenceSession.create(onnx, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const feeds = { [name]: new build.Tensor('float32', x, dims) };
  return {
    run: async () => (await session.run(feeds))['logits']!.data as Float32Array,
    close: () => session.release(),
  };
}
