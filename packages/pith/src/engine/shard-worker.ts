/** The worker thread of shard-thread.ts: runs one shard of a training step in ONNX Runtime. Started by its file name only. */
import { parentPort, workerData } from 'node:worker_threads';
import { PithError } from '../base/errors.js';
import { runShard, type ShardNews, type ShardTask } from '../train/parallel/shard.js';
import { onnxruntimeNode } from './onnxruntime-node.js';

const say = (news: ShardNews): void => parentPort?.postMessage(news);
try {
  await runShard(onnxruntimeNode, workerData as ShardTask, say);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  say(error instanceof PithError ? { kind: 'error', code: error.code, detail: error.detail, message } : { kind: 'error', message });
}
