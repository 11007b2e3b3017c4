/**
 * Running means and variances of batch normalizations measured once more, by weights that do not change: those that training blends lag
 * behind the weights, and weights of few levels move by much. Mean over batches of the mean, and of the variance about it.
 */
import { checkSignal } from '../base/errors.js';
import type { Model, NodeData } from '../base/tensor.js';
import type { AugmentSpec } from '../data/augment/augment.js';
import { batches } from '../data/batches.js';
import type { Split } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { type Engine, withSession } from '../engine/engine.js';
import { Graph } from '../graph/graph.js';
import { parametersOf } from './parameters.js';

export interface StatisticsOptions {
  readonly engine: Engine;
  readonly threads: number;
  readonly model: Model;
  readonly split: Split;
  /** Images of a batch. */
  readonly batch: number;
  /** At most so many. */
  readonly batches: number;
  readonly seed: number;
  readonly preprocess: Preprocess;
  /** As the weights were trained with: they fit the statistics of such images, and lose points by those of clean ones. */
  readonly augment?: AugmentSpec | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** ONNX's form for training gives the statistics of the batch from this opset on. */
const trainingForm = 14;

interface Measured {
  readonly names: readonly [string, string];
  readonly outputs: readonly [string, string];
}

/** By the names of the statistics; empty where nothing is normalized. Throws what opening a session throws. */
export async function measuredStatistics(options: StatisticsOptions): Promise<Map<string, Float32Array>> {
  const { engine, threads, model, split, preprocess, seed, augment, signal } = options;
  const statistics = new Set(parametersOf(model).flatMap((p) => (p.role === 'statistic' ? [p.name] : [])));
  const { probe, measured } = probeOf(model, statistics);
  if (measured.length === 0) return new Map();
  const sums = new Map(
    measured.flatMap(({ names }) =>
      names.map((name) => [name, new Float64Array(model.graph.initializers.get(name)!.data.length)] as const),
    ),
  );
  const input = model.graph.inputs.find((v) => !model.graph.initializers.has(v.name))!.name;
  const fixed = model.graph.inputs.find((v) => v.name === input)?.dims?.[0];
  const batch = Math.min(typeof fixed === 'number' ? fixed : options.batch, split.count);
  let count = 0;
  await withSession(engine, probe, { threads }, async (session) => {
    for (const { images, dims } of batches({ split, batch, seed, preprocess, dropLast: true, ...(augment && { augment }) })) {
      if (count === options.batches) break;
      checkSignal(signal);
      const found = await session.run(new Map([[input, { dtype: 'float32', dims, data: images }]]));
      for (const { names, outputs } of measured) {
        const [mean, square] = names.map((name) => sums.get(name)!);
        const [means, variances] = outputs.map((name) => found.get(name)!.data as Float32Array);
        for (let c = 0; c < mean!.length; c++) {
          mean![c]! += means![c]!;
          square![c]! += variances![c]! + means![c]! ** 2;
        }
      }
      count++;
    }
  });
  for (const { names } of measured) {
    const [mean, square] = names.map((name) => sums.get(name)!);
    for (let c = 0; c < mean!.length; c++) {
      mean![c]! /= count;
      square![c] = Math.max(0, square![c]! / count - mean![c]! ** 2);
    }
  }
  return new Map([...sums].map(([name, sum]) => [name, Float32Array.from(sum)]));
}

/** The model with every normalization by the batch, whose statistics are outputs. */
function probeOf(model: Model, statistics: ReadonlySet<string>): { probe: Model; measured: Measured[] } {
  const graph = new Graph(model.graph);
  const measured = graph.nodes.flatMap((node): Measured[] => {
    const [, , , mean = '', variance = ''] = node.inputs;
    if (node.op !== 'BatchNormalization' || !statistics.has(mean) || !statistics.has(variance)) return [];
    const [output] = node.outputs;
    const outputs = [graph.fresh(`${output}/mean`), graph.fresh(`${output}/variance`)] as const;
    const attributes = new Map(node.attributes)
      .set('training_mode', { kind: 'int', value: 1 })
      .set('momentum', { kind: 'float', value: 0 });
    const form: NodeData = { ...node, attributes, outputs: [output!, ...outputs] };
    graph.replace(node, form);
    for (const name of outputs) graph.outputs.push({ name, dtype: 'float32', dims: null });
    return [{ names: [mean, variance], outputs }];
  });
  const opsets = new Map(model.opsets).set('', Math.max(trainingForm, model.opsets.get('') ?? 0));
  return { probe: { ...model, opsets, graph: graph.freeze() }, measured };
}
