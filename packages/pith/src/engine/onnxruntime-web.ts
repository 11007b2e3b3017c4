/** ONNX Runtime for the web, on WebAssembly with one thread, behind the Engine interface: the peer that a page would have. */
import { PithError } from '../base/errors.js';
import { type DType, dtypes, type Model, type Tensor } from '../base/tensor.js';
import { writeOnnx } from '../onnx/write.js';
import type { Engine, Feeds, Session } from './engine.js';

/** It is no dependency of pith: whoever compares with it installs it. Throws `usage.peer` where it is not there. */
export async function onnxruntimeWeb(): Promise<Engine> {
  const ort = await import('onnxruntime-web/wasm').catch((cause: unknown) => {
    throw new PithError(
      'usage.peer',
      { expected: 'onnxruntime-web', got: 'none that is installed', fix: 'npm install onnxruntime-web, then try again' },
      { cause },
    );
  });
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const given = ([name, { dtype, dims, data }]: [string, Tensor]) =>
    [name, new ort.Tensor(dtype as 'float32', data as Float32Array, dims)] as const;
  const tensorOf = ({ type, dims, data }: InstanceType<typeof ort.Tensor>): Tensor => {
    if (!Object.hasOwn(dtypes, type)) throw new PithError('unsupported.dtype', { expected: 'a tensor of numbers', got: type });
    return { dtype: type as DType, dims, data: data as Tensor['data'] };
  };
  const words = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 400);
  return {
    name: 'onnxruntime-web',
    version: ort.env.versions.web ?? '',
    async open(model: Model): Promise<Session> {
      const session = await ort.InferenceSession.create(writeOnnx(model), { executionProviders: ['wasm'] }).catch((cause: unknown) => {
        throw new PithError('input.engine-load', { expected: 'a graph that onnxruntime-web loads', got: words(cause) }, { cause });
      });
      return {
        inputs: session.inputNames,
        outputs: session.outputNames,
        async run(feeds: Feeds) {
          const results = await session.run(Object.fromEntries([...feeds].map(given))).catch((cause: unknown) => {
            throw new PithError('input.engine-run', { expected: 'a graph that runs on these inputs', got: words(cause) }, { cause });
          });
          return new Map(Object.entries(results).map(([name, tensor]) => [name, tensorOf(tensor)]));
        },
        close: () => session.release(),
      };
    },
  };
}
