/** The worker thread of prefetch.ts: fills free slots of the ring in order, waits while all are full. Started by its file name only. */
import { parentPort, workerData } from 'node:worker_threads';
import { PithError } from '../base/errors.js';
import { BatchMaker, placesOf, streamParts } from './batches.js';
import { pixelsOf } from './dataset.js';
import type { PrefetchNews, PrefetchTask } from './prefetch.js';

function work({ options, images, labels, states, slots }: PrefetchTask, say: (news: PrefetchNews) => void): void {
  const { make, walk } = streamParts(options);
  const maker = new BatchMaker(make);
  const size = make.batch * pixelsOf(make.split);
  const state = new Int32Array(states);
  const ring = Array.from({ length: slots }, (_, slot) => ({
    images: new Float32Array(images, 4 * slot * size, size),
    labels: new Int32Array(labels, 4 * slot * make.batch, make.batch),
  }));
  let slot = 0;
  for (const { epoch, step } of placesOf(maker.steps, walk)) {
    Atomics.wait(state, slot, 1);
    const { images: _images, labels: _labels, ...batch } = maker.make(epoch, step, ring[slot]!.images, ring[slot]!.labels);
    Atomics.store(state, slot, 1);
    say({ kind: 'batch', slot, batch });
    slot = (slot + 1) % slots;
  }
  say({ kind: 'end' });
}

const say = (news: PrefetchNews): void => parentPort?.postMessage(news);
try {
  work(workerData as PrefetchTask, say);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  say(error instanceof PithError ? { kind: 'error', code: error.code, detail: error.detail, message } : { kind: 'error', message });
}
