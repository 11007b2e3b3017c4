/** The host in Node: ONNX Runtime's CPU provider, batches made ahead in a worker where they are augmented, the system's clock. */
import { BatchMaker, batches } from '../data/batches.js';
import { prefetch } from '../data/prefetch.js';
import type { Host, SourceOptions } from '../recipe/step.js';
import type { BatchSource } from '../train/fit.js';
import { parallelSessions } from '../train/parallel/stepper.js';
import { onnxruntimeNode } from './onnxruntime-node.js';
import { launchShard } from './shard-thread.js';

export interface NodeHostOptions {
  /** Threads of a session; 0: one for each core. */
  readonly threads?: number;
  /** Worker threads of training, each with an equal part of the batch and one thread; 0: one session of `threads`. */
  readonly workers?: number;
}

/** Throws `usage.workers`. */
export const nodeHost = ({ threads = 0, workers = 0 }: NodeHostOptions = {}): Host => ({
  engine: onnxruntimeNode,
  threads,
  ...(workers !== 0 && { stepping: parallelSessions({ workers, launch: launchShard }) }),
  source,
  clock: () => performance.now(),
});

function source({ signal, augment, ...given }: SourceOptions): BatchSource {
  const options = { ...given, dropLast: true, ...(augment && { augment }) };
  return {
    batch: options.batch,
    stepsPerEpoch: new BatchMaker(options).steps,
    stream: (from) => (augment ? prefetch({ ...options, ...from, ...(signal && { signal }) }) : batches({ ...options, ...from })),
  };
}
