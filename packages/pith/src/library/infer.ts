/** One answer of a model file: inputs from a file, the graph run once, its outputs. Node only. */
import { writePith } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { checkKeys } from '../base/options.js';
import type { Tensor } from '../base/tensor.js';
import { formatPreprocess, type Preprocess, parsePreprocess } from '../data/preprocess.js';
import { nodeHost } from '../engine/node-host.js';
import { pithRuntime } from '../engine/pith-runtime.js';
import { feedsFrom } from './feeds-from.js';
import { inModel, type ModelSource, openModel } from './model-source.js';

export interface InferOptions {
  readonly model: ModelSource;
  /** A picture, an .npy array, or a .json file of arrays by name; a folder of pictures or arrays is one batch. */
  readonly input: string;
  /** How the pixels of pictures become numbers; what is not given is taken from the model's metadata. */
  readonly preprocess?: Partial<Preprocess>;
  /** `pith` (usual for .pith files) runs the file as it is, with pith-runtime; `onnxruntime` decodes it first. */
  readonly engine?: 'onnxruntime' | 'pith';
  /** 0, the default: one for each core. */
  readonly threads?: number;
  /** With engine `pith`: kernels may round beyond float32 where they are faster for it (`LoadOptions` of pith-runtime says how far). */
  readonly allowReducedPrecision?: boolean;
  readonly signal?: AbortSignal;
}

export interface InferResult {
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly engine: 'onnxruntime' | 'pith';
  /** From the bytes of the file to a model that runs, and one run of it. */
  readonly loadSeconds: number;
  readonly runSeconds: number;
}

const keys = { model: 1, input: 1, preprocess: 1, engine: 1, threads: 1, allowReducedPrecision: 1, signal: 1 } as const;

/** Throws what opening the model and reading the input throws, and what the engine refuses; `usage.option`. */
export async function infer(options: InferOptions): Promise<InferResult> {
  checkKeys('infer', options, keys);
  const { input, threads = 0, allowReducedPrecision = false, signal } = options;
  const { model, format, pith } = await openModel(options.model);
  const name = options.engine ?? (format === 'pith' ? 'pith' : 'onnxruntime');
  if (allowReducedPrecision && name !== 'pith')
    throw new PithError('usage.option', {
      at: { option: 'allowReducedPrecision' },
      expected: 'the engine pith',
      got: name,
      fix: 'leave it out, or take the engine pith',
    });
  const preprocess = parsePreprocess(formatPreprocess({ ...parsePreprocess(model.metadata), ...options.preprocess }));
  const inputs = await feedsFrom({ path: input, model, preprocess, signal });
  const host = nodeHost({ threads });
  const engine = name === 'pith' ? pithRuntime(pith?.file ?? writePith({ model }).bytes, { allowReducedPrecision }) : host.engine;
  return inModel(options.model, async () => {
    const began = host.clock();
    const session = await engine.open(model, { threads }).catch((error: unknown) => {
      throw error instanceof PithError && error.code === 'unsupported.operators'
        ? new PithError(error.code, { ...error.detail, fix: 'let ONNX Runtime run it: --engine onnxruntime' }, { cause: error })
        : error;
    });
    try {
      const loaded = host.clock();
      const outputs = await session.run(inputs);
      return { outputs, inputs, engine: name, loadSeconds: (loaded - began) / 1000, runSeconds: (host.clock() - loaded) / 1000 };
    } finally {
      await session.close();
    }
  });
}
