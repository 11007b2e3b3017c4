/** Both sides of the comparison behind one word: pith-runtime on the compressed file, onnxruntime-web on the same weights as floats. */
import * as ort from 'onnxruntime-web/wasm';
import { load } from 'pith-runtime';
import type { Subject } from './models.js';

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

export async function rival(onnx: Uint8Array, { name, dims }: Input, x: Float32Array): Promise<Side> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(onnx, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const feeds = { [name]: new ort.Tensor('float32', x, dims) };
  return {
    run: async () => (await session.run(feeds))['logits']!.data as Float32Array,
    close: () => session.release(),
  };
}
