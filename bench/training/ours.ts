/** Training steps of pith, by one session or by workers. */
import { onnxruntimeNode } from '../../packages/pith/dist/engine/onnxruntime-node.js';
import { launchShard } from '../../packages/pith/dist/engine/shard-thread.js';
import { oneHot } from '../../packages/pith/dist/train/fit.js';
import { softmaxCrossEntropy } from '../../packages/pith/dist/train/losses/softmax-cross-entropy.js';
import { sgd } from '../../packages/pith/dist/train/optimizers/sgd.js';
import { parallelSessions } from '../../packages/pith/dist/train/parallel/stepper.js';
import type { ProgramOptions } from '../../packages/pith/dist/train/program.js';
import { type Stepping, singleSession } from '../../packages/pith/dist/train/stepper.js';
import { momentum, rate, type Task } from './case.js';
import type { Side } from './side.js';

export const session = (threads: number): Stepping => singleSession({ engine: onnxruntimeNode, threads });
export const workers = (count: number): Stepping => parallelSessions({ workers: count, launch: launchShard });

const optionsOf = ({ model, dims }: Task): ProgramOptions => ({
  model,
  batch: dims[0]!,
  loss: softmaxCrossEntropy,
  optimizer: sgd({ momentum }),
  states: new Map(),
  frozen: new Set(),
  weightDecay: 0,
  clipNorm: 0,
  statisticsMomentum: 0.9,
});

export async function ours(name: string, task: Task, stepping: Stepping): Promise<Side> {
  const { model, images, labels, classes } = task;
  const start = new Map(
    [...model.graph.initializers].flatMap(([key, t]) => (t.dtype === 'float32' ? [[key, t.data as Float32Array]] : [])),
  );
  const stepper = await stepping(optionsOf(task)).open(start);
  const targets = labels.map((list) => {
    const target = new Float32Array(list.length * classes);
    oneHot(list, classes, 0, target);
    return target;
  });
  let at = 0;
  return {
    name,
    async run(steps) {
      const losses: number[] = [];
      const begin = performance.now();
      for (let i = 0; i < steps; i++, at++) {
        const k = at % images.length;
        losses.push((await stepper.step({ images: images[k]!, targets: targets[k]!, rate, scalars: [] })).loss);
      }
      return { losses, ms: performance.now() - begin };
    },
    close: () => stepper.close(),
  };
}
