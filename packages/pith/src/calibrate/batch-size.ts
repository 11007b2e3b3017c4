/** How many samples go through a graph at a time. */
import { type Model, type NodeData, sizeOf } from '../base/tensor.js';
import { bound } from './bound.js';
import type { WeightLayer } from './layer.js';
import type { Samples } from './samples.js';

/** Values of a batch may take about this many bytes, and so many samples are enough for operators to work well. */
const batchBytes = 2 ** 28;
const mostSamples = 16;

interface Given {
  readonly model: Model;
  readonly samples: Samples;
}

/**
 * Where each sample is to be seen on its own. More than one only where samples stay apart: every value of the layers has them along its
 * first axis, which shows by what the shapes are for one sample and for several.
 */
export function batchFor({ model, layers, samples }: Given & { readonly layers: readonly WeightLayer[] }): number {
  const fixed = fixedBatch(model);
  if (fixed !== undefined) return fixed;
  const several = Math.min(samples.count, mostSamples);
  const [one, many] = [shapes({ model, samples }, 1), shapes({ model, samples }, several)];
  const { initializers } = model.graph;
  const values = (node: NodeData): string[] => [...node.inputs.filter((name) => !initializers.has(name)).slice(0, 1), node.outputs[0]!];
  const names = new Set(layers.flatMap(({ readers }) => readers.flatMap(values)));
  const apart = [...names].every((name) => {
    const [a, b] = [one.get(name), many.get(name)];
    return a && b && b.length === a.length && b.every((d, i) => d === a[i]! * (i === 0 ? several : 1));
  });
  return apart ? within(one, { bytes: batchBytes, most: several }) : 1;
}

/** As many samples as fit into so many bytes of values, at least one. */
export function batchWithin({ model, samples, bytes }: Given & { readonly bytes: number }): number {
  return fixedBatch(model) ?? within(shapes({ model, samples }, 1), { bytes, most: samples.count });
}

function within(
  shapesOfOne: ReadonlyMap<string, readonly number[]>,
  { bytes, most }: { readonly bytes: number; readonly most: number },
): number {
  const each = [...shapesOfOne.values()].reduce((sum, dims) => sum + 4 * sizeOf(dims), 0);
  return Math.max(1, Math.min(most, Math.floor(bytes / Math.max(1, each))));
}

/** Of the values that nodes and inputs make, as far as pith can tell. */
function shapes({ model, samples }: Given, count: number): Map<string, readonly number[]> {
  const { types } = bound(model, samples.feeds(0, count));
  return new Map([...types].flatMap(([name, { dims }]) => (model.graph.initializers.has(name) ? [] : [[name, dims] as const])));
}

/** The batch that the model says itself, where it is more than one. */
function fixedBatch({ graph }: Model): number | undefined {
  const sizes = graph.inputs.filter((v) => !graph.initializers.has(v.name)).map((v) => v.dims?.[0]);
  const first = sizes.find((d) => typeof d === 'number');
  return first !== undefined && first > 1 ? first : undefined;
}
