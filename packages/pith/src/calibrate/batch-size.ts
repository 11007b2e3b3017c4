/** How many samples go through a graph at a time. */
import { PithError } from '../base/errors.js';
import { type Dim, type Model, type NodeData, sizeOf } from '../base/tensor.js';
import type { Known } from '../graph/value.js';
import { bound } from './bound.js';
import type { WeightLayer } from './layer.js';
import type { Observe } from './observed.js';
import type { Samples } from './samples.js';
import { type Batch, batchesOf } from './sweep.js';

/** Values of a batch may take about this many bytes, and so many samples are enough for operators to work well. */
const batchBytes = 2 ** 28;
const mostSamples = 16;

interface Looked {
  readonly layers: readonly WeightLayer[];
  readonly observe: Observe;
}

interface Given {
  readonly model: Model;
  readonly samples: Samples;
}

/**
 * Where each sample is to be seen on its own. More than one only where samples stay apart: every value of the layers has them along its
 * first axis, which shows by what the shapes are for one sample and for several. Tables that are looked up may be shared by all samples.
 */
export async function batchFor({ model, layers, samples, observe }: Given & Looked): Promise<number> {
  const fixed = fixedBatch(model);
  if (fixed !== undefined) return fixed;
  const several = Math.min(samples.count, mostSamples);
  const shapesOf = async (count: number): Promise<Shapes> => shapes({ model, samples }, count, await observe(samples.feeds(0, count)));
  const [one, many] = [await shapesOf(1), await shapesOf(several)];
  const { initializers } = model.graph;
  const values = (node: NodeData): string[] => [...node.inputs.filter((name) => !initializers.has(name)).slice(0, 1), node.outputs[0]!];
  const names = new Set(layers.flatMap(({ readers }) => readers.flatMap((node) => (node.op === 'Gather' ? [] : values(node)))));
  const apart = [...names].every((name) => {
    const [a, b] = [one.get(name), many.get(name)];
    return a && b && b.length === a.length && b.every((d, i) => d === a[i]! * (i === 0 ? several : 1));
  });
  return apart ? within(one, { bytes: batchBytes, most: several }) : 1;
}

/** As many samples as fit into so many bytes of values, at least one. */
export function batchWithin({ model, samples, bytes }: Given & { readonly bytes: number }): number {
  return fixedBatch(model) ?? within(shapes({ model, samples }, 1, new Map()), { bytes, most: samples.count });
}

function within(shapesOfOne: Shapes, { bytes, most }: { readonly bytes: number; readonly most: number }): number {
  const each = [...shapesOfOne.values()].reduce((sum, dims) => sum + 4 * sizeOf(dims), 0);
  return Math.max(1, Math.min(most, Math.floor(bytes / Math.max(1, each))));
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Of the values that nodes and inputs make, as far as pith can tell. */
function shapes({ model, samples }: Given, count: number, told: ReadonlyMap<string, Known>): Shapes {
  const { types } = bound(model, samples.feeds(0, count), told);
  return new Map([...types].flatMap(([name, { dims }]) => (model.graph.initializers.has(name) ? [] : [[name, dims] as const])));
}

/** Whether a dimension is called a batch. */
export const isBatch = (dim: Dim): boolean => typeof dim === 'string' && /batch|^(b|bs|n)$/i.test(dim);

/** The batch that the model says itself, where it leaves no input's open and it is more than one. */
function fixedBatch({ graph }: Model): number | undefined {
  const inputs = graph.inputs.flatMap(({ name, dims }) => (graph.initializers.has(name) || !dims?.length ? [] : [dims]));
  if (inputs.some((dims) => typeof dims[0] !== 'number' || dims.some(isBatch))) return undefined;
  const size = Number(inputs.find((dims) => dims.length > 1)?.[0] ?? 1);
  return size > 1 ? size : undefined;
}

/** All samples in batches of `size`, the rest one of its own; of a model whose batch is fixed, whole batches alone. Throws `unsupported.inputs`. */
export function batchesFor(model: Model, count: number, size: number): readonly Batch[] {
  const fixed = fixedBatch(model);
  const batches = batchesOf(count, fixed ?? size).filter((batch) => fixed === undefined || batch.count === fixed);
  if (batches.length === 0)
    throw new PithError('unsupported.inputs', {
      expected: `at least ${fixed ?? 1} samples, the batch of the model`,
      got: `${count}`,
      fix: 'give more samples',
    });
  return batches;
}
