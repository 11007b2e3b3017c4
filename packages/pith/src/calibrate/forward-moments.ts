/**
 * Second moments of what weights are applied to: the mean over samples and places of x·xᵀ, the bias's constant 1 included. The model runs
 * as it is, whatever its operators, and gives the layers' inputs; a second, small graph makes the moments of them.
 */
import type { Model, Tensor } from '../base/tensor.js';
import { type Engine, type Session, withSession } from '../engine/engine.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { inferNode } from '../ops/infer.js';
import { arranged, diagonalOf, joined, orderInBlock, split } from './arrange.js';
import { batchesFor } from './batch-size.js';
import { built, leastOpset } from './bound.js';
import { exposed } from './exposed.js';
import { type WeightLayer, widthOf } from './layer.js';
import { type Lookup, LookupCounts } from './lookup-counts.js';
import type { LayerMoments } from './moments.js';
import { type InputReading, outerOf, type ProductReading } from './reading.js';
import { readingsOf } from './readings.js';
import type { Samples } from './samples.js';
import { type Batch, bySize, Sums, sweep } from './sweep.js';
import { contract, contractDiagonal, inBlocks, type Sides, withOnes } from './two-sided.js';

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
  const common = { sums, signal, done: (b: Batch) => done(b.count) };
  await withSession(engine, inside.model, { threads }, async (session) => {
    const look = async ({ start, count }: Batch): Promise<Map<string, Tensor>> => {
      const values = await inside.run(session, samples.feeds(start, count));
      counts.add(values);
      return values;
    };
    for (const batches of bySize(batchesFor(model, samples.count, batch))) {
      const [head, ...rest] = batches;
      const first = await look(head);
      const run = async (b: Batch, second: Session): Promise<Map<string, Tensor>> => {
        const values = b === head ? first : await look(b);
        return second.run(new Map(second.inputs.map((name) => [name, values.get(name)!])));
      };
      if (multiplied.length === 0) await sweep({ ...common, batches: rest, run: async (b) => (await look(b)) && new Map() });
      else {
        const moments = momentsModel(multiplied, options, first);
        await withSession(engine, moments, { threads }, (second) => sweep({ ...common, batches, run: (b) => run(b, second) }));
      }
    }
  });
  return new Map([
    ...multiplied.flatMap((seen) => finished(seen, options.sidesOf(seen.layer), sums)),
    ...lookups.map(({ layer }) => [layer.weight, counts.moments(layer)] as const),
  ]);
}

function sort({ model, layers }: ForwardMomentsOptions): { readonly multiplied: Multiplied[]; readonly lookups: Lookup[] } {
  const multiplied: Multiplied[] = [];
  const lookups: Lookup[] = [];
  for (const layer of layers) {
    const readings = readingsOf(layer, model.graph);
    const products = readings.filter((r) => r.kind !== 'lookup');
    const indices = readings.flatMap((r) => (r.kind === 'lookup' ? [r.index] : []));
    if (products.length > 0) multiplied.push({ layer, readings: products });
    else if (indices.length > 0) lookups.push({ layer, indices });
  }
  return { multiplied, lookups };
}

/** The graph that takes values of these shapes and gives, for each layer, Σ over places of x·xᵀ, or its diagonal. */
function momentsModel(
  multiplied: readonly Multiplied[],
  { model, sidesOf }: ForwardMomentsOptions,
  values: ReadonlyMap<string, Tensor>,
): Model {
  const op = new Builder(Graph.empty('moments'), leastOpset, inferNode);
  const inputs = new Map<string, Value>();
  const valueAt = (name: string): Value => {
    const value = inputs.get(name) ?? op.input(name, values.get(name)!);
    inputs.set(name, value);
    return value;
  };
  for (const { layer, readings } of multiplied) {
    const columns = readings.map((reading) => reading.columns(op, valueAt(reading.input), 1));
    // A tied weight may be read the other way round elsewhere: the matrix is that of the first.
    const fitting = columns.filter(({ dims }) => dims[1] === layer.groups && dims[3] === widthOf(layer));
    if (fitting.length === 0) continue;
    const { input, blocks } = sidesOf(layer);
    const all = withOnes(op, inBlocks(op, op.Concat(fitting, 2), blocks, outerOf(readings[0]!, layer)));
    op.output(layer.weight, (input === 'full' ? contract : contractDiagonal)(op, all, all));
  }
  return built(model, op);
}

/** The mean over places: the ones of the bias count them. */
function finished({ layer, readings }: Multiplied, { input: side, blocks }: Sides, sums: Sums): [string, LayerMoments][] {
  if (!sums.has(layer.weight)) return [];
  const width = widthOf(layer) / blocks + 1;
  const means = split(sums.get(layer.weight), layer.groups * blocks).map((sum) => sum.map((v) => v / sum.at(-1)!));
  const order = orderInBlock(readings[0]!.order, layer.columns, blocks);
  const input = means.map((m) => arranged(m, side, { width, biased: true, order }));
  const diagonals = input.map((m) => diagonalOf(m, side, width));
  const inputDiagonal = blocks > 1 ? [joined(diagonals)] : diagonals;
  const whole = side === 'full' ? input : null;
  return [[layer.weight, { kind: 'forward', blocks, input: whole, inputDiagonal, output: null, outputDiagonal: null, trace: 1 }]];
}
