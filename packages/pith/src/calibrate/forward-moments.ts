/**
 * Second moments of what weights are applied to: the mean over samples and places of x·xᵀ, the bias's constant 1 included. The model runs
 * as it is, whatever its operators, and gives the layers' inputs; a second, small graph makes the moments of them.
 */
import { PithError } from '../base/errors.js';
import type { Model, Tensor } from '../base/tensor.js';
import { type Engine, type Session, withSession } from '../engine/engine.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { inferNode } from '../ops/infer.js';
import { arranged, diagonalOf, split, withoutLast } from './arrange.js';
import { built, leastOpset } from './bound.js';
import { exposed } from './exposed.js';
import { type WeightLayer, widthOf } from './layer.js';
import { type Lookup, LookupCounts } from './lookup-counts.js';
import type { LayerMoments } from './moments.js';
import { flip, type InputReading, type ProductReading, readingOf, typeOf, withOnes } from './reading.js';
import type { Samples } from './samples.js';
import { type Batch, batchesOf, bySize, Sums, sweep } from './sweep.js';
import { contract, contractDiagonal, type Sides } from './two-sided.js';

export interface ForwardMomentsOptions {
  readonly engine: Engine;
  readonly threads: number;
  readonly model: Model;
  readonly layers: readonly WeightLayer[];
  readonly samples: Samples;
  readonly sidesOf: (layer: WeightLayer) => Sides;
  readonly batch: number;
  readonly signal: AbortSignal | undefined;
  readonly done: (samples: number) => void;
}

/** A layer and the nodes that multiply by it. */
interface Multiplied {
  readonly layer: WeightLayer;
  readonly readings: readonly (ProductReading | InputReading)[];
}

/** Of those layers that stand in the main graph and are read in a way that pith knows. Throws `interrupted.cancelled` and what the engine throws. */
export async function forwardMoments(options: ForwardMomentsOptions): Promise<Map<string, LayerMoments>> {
  const { engine, threads, model, samples, batch, signal, done } = options;
  const { multiplied, lookups } = sort(options);
  if (multiplied.length + lookups.length === 0) return new Map();
  const inside = exposed(model, [
    ...multiplied.flatMap(({ readings }) => readings.map((r) => ({ value: r.input, as: 'float32' as const }))),
    ...lookups.flatMap(({ indices }) => indices.map((value) => ({ value, as: 'int64' as const }))),
  ]);
  const sums = new Sums();
  const counts = new LookupCounts(lookups);
  await withSession(engine, inside.model, { threads }, async (session) => {
    for (const group of bySize(batchesOf(samples.count, batch))) {
      const first = await inside.run(session, samples.feeds(group[0].start, group[0].count));
      const run = async ({ start, count }: Batch, second: Session): Promise<Map<string, Tensor>> => {
        const values = start === group[0].start ? first : await inside.run(session, samples.feeds(start, count));
        counts.add(values);
        return second.inputs.length > 0 ? second.run(new Map(second.inputs.map((name) => [name, values.get(name)!]))) : new Map();
      };
      await withSession(engine, momentsModel(multiplied, options, first), { threads }, (second) =>
        sweep({ batches: group, run: (b) => run(b, second), sums, signal, done: (b) => done(b.count) }),
      );
    }
  });
  return new Map([
    ...multiplied.map((seen) => [seen.layer.weight, finished(seen, options.sidesOf(seen.layer), sums)] as const),
    ...lookups.map(({ layer }) => [layer.weight, counts.moments(layer)] as const),
  ]);
}

function sort({ model, layers }: ForwardMomentsOptions): { readonly multiplied: Multiplied[]; readonly lookups: Lookup[] } {
  const multiplied: Multiplied[] = [];
  const lookups: Lookup[] = [];
  for (const layer of layers) {
    const weight = model.graph.initializers.get(layer.weight);
    const readings = weight ? layer.readers.flatMap((node) => known(() => readingOf(layer, node, typeOf(weight)))) : [];
    const products = readings.filter((r) => r.kind !== 'lookup');
    const indices = readings.flatMap((r) => (r.kind === 'lookup' ? [r.index] : []));
    if (products.length > 0) multiplied.push({ layer, readings: products });
    else if (indices.length > 0) lookups.push({ layer, indices });
  }
  return { multiplied, lookups };
}

function known<T>(f: () => T): T[] {
  try {
    return [f()];
  } catch (error) {
    if (error instanceof PithError && error.code === 'unsupported.layer') return [];
    throw error;
  }
}

const side = ({ readings }: Multiplied): 'input' | 'output' =>
  readings.every((r) => r.kind === 'input' || r.columnsFrom === 'input') ? 'input' : 'output';

/** The graph that takes values of these shapes and gives, for each layer, Σ over places of x·xᵀ, or its diagonal. */
function momentsModel(
  multiplied: readonly Multiplied[],
  { model, sidesOf }: ForwardMomentsOptions,
  values: ReadonlyMap<string, Tensor>,
): Model {
  const op = new Builder(Graph.empty('moments'), leastOpset, inferNode);
  const inputs = new Map<string, Value>();
  const knownValue = (name: string): Value => {
    const value = inputs.get(name) ?? op.input(name, values.get(name)!);
    inputs.set(name, value);
    return value;
  };
  for (const seen of multiplied) {
    const which = side(seen);
    const places = seen.readings.map((reading) =>
      reading.kind === 'product' && which === 'output'
        ? flip(op, reading.rows(op, knownValue(reading.input), 1))
        : reading.columns(op, knownValue(reading.input), 1),
    );
    const all = withOnes(op, op.Concat(places, 2));
    op.output(seen.layer.weight, (sidesOf(seen.layer)[which] === 'full' ? contract : contractDiagonal)(op, all, all));
  }
  return built(model, op);
}

/** The mean over places: the ones of the bias count them. */
function finished(seen: Multiplied, sides: Sides, sums: Sums): LayerMoments {
  const { layer, readings } = seen;
  const which = side(seen);
  const n = (which === 'input' ? widthOf(layer) : layer.rows / layer.groups) + 1;
  const means = split(sums.get(layer.weight), layer.groups).map((sum) => sum.map((v) => v / sum.at(-1)!));
  const full = sides[which] === 'full';
  if (which === 'input') {
    const input = means.map((m) => arranged(m, sides.input, { width: n, biased: true, order: readings[0]!.order }));
    const inputDiagonal = input.map((m) => diagonalOf(m, sides.input, n));
    return { kind: 'forward', input: full ? input : null, inputDiagonal, output: null, outputDiagonal: null, trace: 1 };
  }
  const output = means.map((m) => withoutLast(m, sides.output, n));
  return {
    kind: 'forward',
    input: null,
    inputDiagonal: output.map(() => Float64Array.from({ length: widthOf(layer) + 1 }, (_, i) => (i < widthOf(layer) ? 1 : 0))),
    output: full ? output : null,
    outputDiagonal: output.map((m) => diagonalOf(m, sides.output, n - 1)),
    trace: 1,
  };
}
