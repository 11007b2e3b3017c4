/** Shards of a training step as worker threads of Node. */
import { Worker } from 'node:worker_threads';
import type { ShardNews, ShardTask } from '../train/parallel/shard.js';
import type { Ears, Launch, Thread } from '../train/parallel/stepper.js';

/** How long a thread may take to leave its step and close its sessions, in milliseconds. */
const patience = 10_000;

export const launchShard: Launch = (task, ears) => threadOf(startWorker(task), ears);

export const startWorker = (task: ShardTask): Worker => new Worker(new URL('./shard-worker.js', import.meta.url), { workerData: task });

export function threadOf(worker: Worker, ears: Ears): Thread {
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      ears.ended(`the end of one, with code ${code}`);
      resolve();
    });
  });
  worker.on('message', (news: ShardNews) => ears.hear(news));
  worker.on('error', (error) => ears.ended(error.message));
  return {
    async end() {
      const timer = setTimeout(() => void worker.terminate(), patience);
      await gone;
      clearTimeout(timer);
    },
  };
}
