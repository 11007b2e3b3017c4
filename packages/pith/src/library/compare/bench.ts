/** What methods are made of, over one run folder: ladders that are trained once and taken up again, files, the squeeze. */
import type { CoderChoice } from 'pith-runtime';
import type { Model } from '../../base/tensor.js';
import type { Dataset } from '../../data/dataset.js';
import type { Preprocess } from '../../data/preprocess.js';
import { codeCompression, decodeAndCompare } from '../../recipe/code.js';
import { densityOf } from '../../recipe/compress.js';
import { type Measurement, runRecipe, stateAfter } from '../../recipe/runner.js';
import type { Compression, Host } from '../../recipe/step.js';
import type { Store } from '../../recipe/store.js';
import { type Evaluation, evaluate } from '../../train/evaluate.js';
import { withWeights } from '../../train/fit.js';
import { squeeze } from '../squeeze.js';
import type { CompareJob } from './job.js';
import { type LadderName, ladders } from './ladders.js';
import type { Bench, Ladder } from './method.js';
import type { CompareProgress } from './progress.js';

export interface BenchParts {
  readonly job: CompareJob;
  readonly model: Model;
  readonly data: Dataset;
  readonly preprocess: Preprocess;
  readonly host: Host;
  readonly store: Store;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (p: CompareProgress) => void;
}

/** Of a model on the test part, by ONNX Runtime. */
export const judge = ({ host, data, preprocess, signal }: BenchParts, model: Model): Promise<Evaluation> =>
  evaluate({ engine: host.engine, threads: host.threads, model, split: data.test, preprocess, signal });

export function benchOf(parts: BenchParts): Bench {
  const { job, model, signal } = parts;
  const metadata = metadataOf(job);
  const known = new Map<LadderName, Promise<Ladder>>();
  return {
    model,
    points: job.points,
    ladder(name) {
      const ladder = known.get(name) ?? climb(name, parts, metadata);
      known.set(name, ladder);
      return ladder;
    },
    code(compression, coder: CoderChoice) {
      const { bytes } = codeCompression(compression, metadata, coder);
      decodeAndCompare(bytes, compression);
      return bytes;
    },
    dense: (compression) => withWeights(compression.model, compression.states, compression.statistics),
    async squeeze(given, bitsPerWeight) {
      const { effort, seed, threads } = job;
      const { bytes } = await squeeze({
        ...{ model: given, data: parts.data, preprocess: parts.preprocess, effort, seed, threads, metadata },
        ...(bitsPerWeight !== undefined && { bitsPerWeight }),
        ...(signal && { signal }),
      });
      return bytes;
    },
  };
}

const metadataOf = ({ seed, sourceHash }: CompareJob): Map<string, string> =>
  new Map([
    ['seed', String(seed)],
    ['source', sourceHash.slice(0, 32)],
  ]);

async function climb(name: LadderName, parts: BenchParts, metadata: ReadonlyMap<string, string>): Promise<Ladder> {
  const { job, model, data, preprocess, host, signal, onProgress } = parts;
  const store = under(name, parts.store);
  const start: Compression = { model, states: new Map(), statistics: new Map() };
  const bytesOf = (c: Compression): number => codeCompression(c, metadata).bytes.length;
  const measure = async (c: Compression): Promise<Measurement> => {
    const { error, loss } = await judge(parts, withWeights(c.model, c.states, c.statistics));
    return { bytes: bytesOf(c), error, loss, density: densityOf(c) };
  };
  const { records } = await runRecipe({
    ...{ start, data, preprocess, seed: job.seed, host, store, measure, bytesOf, signal },
    planner: ladders[name]({ model, points: job.points, epochs: job.epochs }),
    onProgress: (training) => onProgress({ doing: name, training }),
  });
  return { records, state: (index) => stateAfter({ store, start }, index) };
}

/** A part of a store that is a ladder's own. */
const under = (name: string, store: Store): Store => ({
  save: (key, checkpoint) => store.save(`${name}-${key}`, checkpoint),
  load: (key) => store.load(`${name}-${key}`),
  remove: (key) => store.remove(`${name}-${key}`),
  event: (event) => store.event({ ladder: name, ...event }),
});
