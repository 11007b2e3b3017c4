/**
 * A model's graph with the gradients of v·output with respect to the results of its layers, for several v, which come in as inputs. Where v
 * is drawn from a standard normal, the mean over draws of the squared change along a gradient is the squared change of the output.
 */
import { gradients } from '../autodiff/gradient.js';
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Feeds } from '../engine/engine.js';
import type { Known, Value } from '../graph/value.js';
import { isFloat } from '../ops/pointwise.js';
import { type Bound, bound, knownValue, tell } from './bound.js';
import type { WeightLayer } from './layer.js';
import { reachable } from './reachable.js';
import type { LookupReading, ProductReading, Reading } from './reading.js';
import { readingsOf } from './readings.js';

export interface BackwardOptions {
  readonly model: Model;
  readonly layers: readonly WeightLayer[];
  /** Of one batch: their shapes count. */
  readonly feeds: Feeds;
  /** Types for these feeds that pith's rules cannot tell. */
  readonly told: ReadonlyMap<string, Known>;
  /** How many independent samples stand in the batch, along the first axis of each layer's values. */
  readonly samples: number;
  readonly draws: number;
}

/** A layer all of whose nodes pith sees through, and whose results gradients reach. */
export interface Reached {
  readonly layer: WeightLayer;
  readonly products: readonly ProductReading[];
  readonly lookups: readonly LookupReading[];
}

export interface Backward extends Bound {
  readonly layers: readonly Reached[];
  readonly output: Value;
  /** One v for each draw, of the output's shape. */
  readonly probes: readonly Value[];
  /** For each draw, by name of a layer's result. */
  readonly gradients: readonly ReadonlyMap<string, Value>[];
}

/** From the first float32 output. The graph has no outputs yet. Throws `unsupported.gradient` where no layer is reached. */
export function backward(options: BackwardOptions): Backward {
  const refused = new Set<string>();
  for (;;)
    try {
      return attempt(options, refused);
    } catch (error) {
      // A rule may refuse a form of its operator only when it is asked: the layers before that node then have no gradient.
      const node = error instanceof PithError && error.code.startsWith('unsupported') ? refusing(options, error, refused) : undefined;
      if (node === undefined) throw error;
      refused.add(node);
    }
}

/** The first output of the node that an error names, unless it has been left out already. */
function refusing({ model }: BackwardOptions, error: PithError, refused: ReadonlySet<string>): string | undefined {
  const { node: name, op } = error.detail.at ?? {};
  return model.graph.nodes.find(
    (node) => node.op === op && (node.name === name || node.outputs[0] === name) && !refused.has(node.outputs[0]!),
  )?.outputs[0];
}

function attempt(options: BackwardOptions, refused: ReadonlySet<string>): Backward {
  const whole = bound(options.model, options.feeds, options.told);
  const { builder, types } = whole;
  const output = firstOutput(whole);
  const layers = output ? reachedOf(options, whole, reachable(builder.graph.nodes, types, [output.name], refused)) : [];
  if (!output || layers.length === 0)
    throw new PithError('unsupported.gradient', {
      expected: 'a layer that gradients of a float32 output reach',
      got: output ? 'none' : 'no such output',
      fix: 'use forward statistics',
    });
  const results = [...new Set(layers.flatMap(({ products, lookups }) => [...products, ...lookups].map((r) => r.result)))];
  const probes: Value[] = [];
  const found: ReadonlyMap<string, Value>[] = [];
  for (let draw = 0; draw < options.draws; draw++) {
    const probe = builder.input('probe', { dtype: output.dtype, dims: output.dims });
    tell(builder, types);
    found.push(gradients({ builder, types, of: new Map([[output.name, probe]]), to: results }));
    probes.push(probe);
  }
  builder.graph.outputs.splice(0);
  return { ...whole, layers, output, probes, gradients: found };
}

/** The first float32 output, whose changes are what counts. */
export function firstOutput({ builder, types }: Bound): Value | undefined {
  const found = builder.graph.outputs.find((v) => types.get(v.name)?.dtype === 'float32');
  return found && knownValue(types, found.name);
}

function reachedOf({ model, layers, samples }: BackwardOptions, { types }: Bound, open: ReadonlySet<string>): Reached[] {
  const isFloat32 = (name: string): boolean => types.get(name)?.dtype === 'float32';
  const isApart = (name: string): boolean => (types.get(name)?.dims[0] ?? 0.5) % samples === 0;
  const fits = (reading: Reading): boolean => {
    if (reading.kind === 'input' || !open.has(reading.result) || !isFloat32(reading.result)) return false;
    // What is looked up stands apart anyway, and places that all samples share have gradients of independent signs, which add up.
    if (reading.kind === 'lookup') return types.has(reading.index);
    return isFloat32(reading.input) && isApart(reading.input) && isApart(reading.result);
  };
  return layers.flatMap((layer) => {
    const readings = readingsOf(layer, model.graph);
    if (readings.length === 0 || readings.length !== layer.readers.length || !readings.every(fits)) return [];
    const dtype = model.graph.initializers.get(layer.weight)?.dtype;
    if (dtype === undefined || !isFloat(dtype)) return [];
    return [{ layer, products: readings.filter((r) => r.kind === 'product'), lookups: readings.filter((r) => r.kind === 'lookup') }];
  });
}
