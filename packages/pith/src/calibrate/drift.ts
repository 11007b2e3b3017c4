/**
 * How far a layer's inputs have drifted since the layers before it were changed, as second moments of the inputs as they were (x) and as
 * they are (x̂). A layer makes good for its share of it with W + W·E[(x − x̂)·x̂ᵀ]·E[x̂·x̂ᵀ]⁻¹.
 */
import type { GraphData, Model, Tensor } from '../base/tensor.js';
import { type Engine, withSession } from '../engine/engine.js';
import { Builder } from '../graph/builder.js';
import { Graph } from '../graph/graph.js';
import { inferNode } from '../ops/infer.js';
import { arranged, split } from './arrange.js';
import { batchesFor, batchWithin } from './batch-size.js';
import { built, leastOpset } from './bound.js';
import { exposed } from './exposed.js';
import { type WeightLayer, widthOf } from './layer.js';
import type { InputReading, ProductReading } from './reading.js';
import { readingsOf } from './readings.js';
import type { Samples } from './samples.js';
import { type Batch, bySize, Sums, sweep } from './sweep.js';
import { contract } from './two-sided.js';

export interface DriftOptions {
  readonly engine: Engine;
  readonly threads: number;
  /** The model as it was, and the same graph with other weights. */
  readonly reference: Model;
  readonly current: Model;
  readonly layer: WeightLayer;
  readonly samples: Samples;
  readonly signal?: AbortSignal | undefined;
}

export interface Drift {
  /** Per group, width² numbers: the mean of x·x̂ᵀ over samples and places. Columns as in the layer's view, no bias. */
  readonly cross: readonly Float64Array[];
  /** Of x̂·x̂ᵀ. */
  readonly own: readonly Float64Array[];
}

type Multiplied = InputReading | ProductReading;

/**
 * Undefined where nothing before the layer has changed, or its inputs cannot be looked at. Throws `interrupted.cancelled` and what the
 * engine throws.
 */
export async function collectDrift(options: DriftOptions): Promise<Drift | undefined> {
  const { engine, threads, reference, current, layer, samples, signal } = options;
  const readings = readingsOf(layer, reference.graph).filter((r): r is Multiplied => r.kind !== 'lookup');
  const inputs = [...new Set(readings.map((r) => r.input))];
  const changed = changedWeights(reference.graph, current.graph);
  if (inputs.length === 0 || !dependsOn(reference.graph, inputs, changed)) return undefined;
  const wanted = inputs.map((value) => ({ value, as: 'float32' as const }));
  const [was, is] = [exposed(reference, wanted), exposed(current, wanted)];
  const sums = new Sums();
  await withSession(engine, was.model, { threads }, (first) =>
    withSession(engine, is.model, { threads }, async (second) => {
      const pair = async ({ start, count }: Batch): Promise<Pair> => {
        const feeds = samples.feeds(start, count);
        return { was: await was.run(first, feeds), is: await is.run(second, feeds) };
      };
      const all = batchesFor(
        reference,
        samples.count,
        Math.min(mostSamples, batchWithin({ model: reference, samples, bytes: batchBytes })),
      );
      const [start] = all as [Batch];
      const head = await pair(start);
      const trial = momentsModel(options, readings, head.was);
      if (!trial) return;
      for (const batches of bySize(enough(all, (enoughPlaces * widthOf(layer) * start.count) / trial.places))) {
        const values = batches[0] === start ? head : await pair(batches[0]);
        const { model } = batches[0] === start ? trial : momentsModel(options, readings, values.was)!;
        await withSession(engine, model, { threads }, (moments) => {
          const run = async (b: Batch): Promise<Map<string, Tensor>> => moments.run(feedsOf(b === batches[0] ? values : await pair(b)));
          return sweep({ batches, run, sums, signal, done: () => undefined });
        });
      }
    }),
  );
  if (!sums.has(cross)) return undefined;
  const matrices = (name: string): Float64Array[] =>
    split(sums.get(name), layer.groups).map((m) =>
      arranged(
        m.map((v) => v / sums.get(places)[0]!),
        'full',
        { width: widthOf(layer), biased: true, order: readings[0]!.order },
      ),
    );
  return { cross: matrices(cross), own: matrices(own) };
}

/** Both models hold their values at the same time. */
const batchBytes = 2 ** 27;
const mostSamples = 32;

/** Places for each column are enough to know the moments: of a layer with large pictures a few samples have them. */
const enoughPlaces = 32;

/** Batches of at least so many samples, evenly from all: samples may be sorted. */
function enough(batches: readonly Batch[], samples: number): Batch[] {
  const wanted = Math.ceil(samples / batches[0]!.count);
  const every = Math.max(1, Math.floor(batches.length / Math.max(1, wanted)));
  return batches.filter((_, i) => i % every === 0);
}

const [cross, own, places] = ['cross', 'own', 'places'] as const;

interface Pair {
  readonly was: ReadonlyMap<string, Tensor>;
  readonly is: ReadonlyMap<string, Tensor>;
}

const feedsOf = ({ was, is }: Pair): Map<string, Tensor> =>
  new Map([...was].flatMap(([name, tensor]) => [[`${name}/was`, tensor] as const, [`${name}/is`, is.get(name)!] as const]));

/** Takes both values of each input, and gives the sums over places. Undefined where no reading has the layer's width. */
function momentsModel(
  { reference, layer }: DriftOptions,
  readings: readonly Multiplied[],
  values: ReadonlyMap<string, Tensor>,
): { readonly model: Model; readonly places: number } | undefined {
  const op = new Builder(Graph.empty('drift'), leastOpset, inferNode);
  const both = new Map([...values].map(([name, type]) => [name, { was: op.input(`${name}/was`, type), is: op.input(`${name}/is`, type) }]));
  const columns = (which: keyof Pair) =>
    readings
      .map((r) => r.columns(op, both.get(r.input)![which], 1))
      .filter(({ dims }) => dims[1] === layer.groups && dims[3] === widthOf(layer));
  const [x, y] = [columns('was'), columns('is')];
  if (x.length === 0) return undefined;
  const [all, now] = [op.Concat(x, 2), op.Concat(y, 2)];
  op.output(cross, contract(op, all, now));
  op.output(own, contract(op, now, now));
  op.output(places, op.scalar(all.dims[2]!));
  return { model: built(reference, op), places: all.dims[2]! };
}

/** Initializers that are not the same tensor, or not the same numbers. */
function changedWeights(a: GraphData, b: GraphData): Set<string> {
  const differ = (x: Tensor, y: Tensor | undefined): boolean => x.data !== y?.data && x.data.some((v, i) => v !== y?.data[i]);
  return new Set([...a.initializers].flatMap(([name, tensor]) => (differ(tensor, b.initializers.get(name)) ? [name] : [])));
}

/** Whether one of these values is computed from one of those weights. */
function dependsOn(data: GraphData, values: readonly string[], weights: ReadonlySet<string>): boolean {
  const graph = new Graph({ ...data, outputs: values.map((name) => ({ name, dtype: null, dims: null })) });
  graph.prune();
  return [...graph.initializers.keys()].some((name) => weights.has(name));
}
