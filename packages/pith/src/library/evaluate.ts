/** Top-1 error, loss and time of a model file on a data set. Node only. */
import { writePith } from 'pith-runtime';
import { checkKeys } from '../base/options.js';
import type { Dataset } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { nodeHost } from '../engine/node-host.js';
import { pithRuntime } from '../engine/pith-runtime.js';
import { type Evaluation, evaluate as evaluateSplit } from '../train/evaluate.js';
import { checkFits, type DataOptions, openData, preprocessOf } from './data-source.js';
import { inModel, type ModelSource, openModel } from './model-source.js';

export interface EvaluateOptions {
  readonly model: ModelSource;
  readonly data: string | Dataset;
  readonly dataOptions?: DataOptions;
  readonly preprocess?: Partial<Preprocess>;
  /** `onnxruntime` (the default) decodes a .pith file first; `pith` runs it as it is, with pith-runtime. */
  readonly engine?: 'onnxruntime' | 'pith';
  /** 0, the default: one for each core. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Images evaluated so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EvaluateResult extends Evaluation {
  readonly seconds: number;
  readonly format: 'onnx' | 'pith';
  readonly bytes: number;
}

const keys = { model: 1, data: 1, dataOptions: 1, preprocess: 1, engine: 1, threads: 1, signal: 1, onProgress: 1 } as const;

/** On the test part. Throws what opening model and data throws, `input.image-size` where they do not fit together. */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  checkKeys('evaluate', options, keys);
  const { threads = 0, signal, onProgress } = options;
  const { model, format, bytes, pith } = await openModel(options.model);
  const { data } = await openData(options.data, { ...options.dataOptions, ...(signal && { signal }) });
  const preprocess = preprocessOf(model, data, options.preprocess);
  await inModel(options.model, () => checkFits(model, data, preprocess));
  const host = nodeHost({ threads });
  const engine = options.engine === 'pith' ? pithRuntime(pith?.file ?? writePith({ model }).bytes) : host.engine;
  const began = host.clock();
  const found = await inModel(options.model, () =>
    evaluateSplit({ engine, model, split: data.test, preprocess, threads, signal, onProgress }),
  );
  return { ...found, seconds: (host.clock() - began) / 1000, format, bytes };
}
