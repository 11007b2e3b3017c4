/**
 * How faithful a model is to another one that it was made of: both run side by side on the same samples, and each output is compared, on
 * demand also what each layer puts out. Memory does not grow with the number of samples.
 */
import { checkSignal, PithError } from '../base/errors.js';
import type { DType, Model, Tensor, ValueInfo } from '../base/tensor.js';
import { exposed, type Wanted } from '../calibrate/exposed.js';
import type { Samples } from '../calibrate/samples.js';
import { type Engine, type Feeds, withSession } from '../engine/engine.js';
import { align } from './align.js';
import { Comparison, type ValueFidelity } from './comparison.js';

export interface CompareOptions {
  readonly engine: Engine;
  readonly threads: number;
  /** The original. */
  readonly a: Model;
  readonly b: Model;
  readonly samples: Samples;
  /** Compare what layers put out, too. */
  readonly perLayer?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Samples that are done, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Fidelity {
  readonly samples: number;
  readonly origin: Samples['origin'];
  /** Outputs that are tensors of numbers. */
  readonly outputs: readonly ValueFidelity[];
  /** Of each node with weights; null where they were not asked for, or the graphs differ too much to tell which is which. */
  readonly layers: readonly ValueFidelity[] | null;
}

/** Layers that are looked at in one run: their values are all in memory together. */
const layersAtOnce = 32;

/** A run has at most so many samples, and fewer where its values would take more bytes than this. */
const mostSamples = 16;
const runBytes = 2 ** 24;
/** So much of what the first model gave is kept for the second. */
const keptBytes = 2 ** 26;

/** Throws `unsupported.outputs` where no output is a tensor of numbers, `interrupted.cancelled` and what the engine throws. */
export async function compareModels(options: CompareOptions): Promise<Fidelity> {
  const { a, b, samples, perLayer = false, onProgress } = options;
  const wanted = a.graph.outputs.flatMap(numeric);
  if (wanted.length === 0)
    throw new PithError('unsupported.outputs', {
      expected: 'an output that is a tensor of numbers',
      got: 'none',
      fix: 'compare the tensors instead',
    });
  const aligned = perLayer ? align(a, b) : undefined;
  const groups = aligned ? chunks(aligned.layers, layersAtOnce) : [];
  const total = samples.count * (1 + groups.length);
  const progress = (pass: number) => (done: number) => onProgress?.(pass * samples.count + done, total);
  const outputs = await compareValues(options, { a, b, values: wanted.map((w) => ({ name: w.value, a: w, b: w })) }, progress(0));
  const layers: ValueFidelity[] = [];
  for (const [i, group] of groups.entries()) {
    const values = group.map((layer) => ({ name: layer.name, a: asFloat(layer.a), b: asFloat(layer.b) }));
    layers.push(...(await compareValues(options, { a: aligned!.a, b, values }, progress(1 + i))));
  }
  return { samples: samples.count, origin: samples.origin, outputs, layers: aligned ? layers : null };
}

/** Why no two versions of a model can be compared by running them; undefined where they can. Nothing that cannot be measured is rounded. */
export function unmeasurable({ graph }: Model): string | undefined {
  const closed = graph.inputs.find((v) => v.opaqueType !== undefined && !graph.initializers.has(v.name));
  if (closed) return `the model cannot be run to measure a loss: its input "${closed.name}" is no tensor of numbers`;
  if (graph.outputs.flatMap(numeric).length > 0) return undefined;
  return 'a loss cannot be measured: no output is a tensor of numbers';
}

const asFloat = (value: string): Wanted => ({ value, as: 'float32' });

/** An output as numbers that can be compared; nothing for strings, sequences and maps. */
function numeric({ name, dtype, opaqueType }: ValueInfo): Wanted[] {
  if (opaqueType) return [];
  const floats: readonly (DType | null)[] = [null, 'float32', 'float16', 'bfloat16'];
  return [{ value: name, as: floats.includes(dtype) ? 'float32' : 'float64' }];
}

interface Pair {
  readonly a: Model;
  readonly b: Model;
  readonly values: readonly { readonly name: string; readonly a: Wanted; readonly b: Wanted }[];
}

/** One model after the other, so that only one is open: what the first gave is kept until the second has run on the same samples. */
async function compareValues(options: CompareOptions, { a, b, values }: Pair, progress: (done: number) => void): Promise<ValueFidelity[]> {
  const { engine, threads, samples, signal } = options;
  const comparisons = values.map(() => new Comparison());
  const first = exposed(
    withCast(a),
    values.map((v) => v.a),
  );
  const second = exposed(
    withCast(b),
    values.map((v) => v.b),
  );
  for (let done = 0; done < samples.count; ) {
    const runs = await withSession(engine, first.model, { threads }, (session) =>
      collect({ samples, from: done, fixed: batchOf(a), signal }, (feeds) => first.run(session, feeds)),
    );
    await withSession(engine, second.model, { threads }, async (session) => {
      for (const { start, count, results } of runs) {
        checkSignal(signal);
        const others = await second.run(session, samples.feeds(start, count));
        for (const [i, value] of values.entries()) comparisons[i]!.add(results.get(value.a.value)!, others.get(value.b.value)!);
        done += count;
        progress(Math.min(done, samples.count));
      }
    });
  }
  return values.map(({ name }, i) => comparisons[i]!.result(name));
}

interface Run {
  readonly start: number;
  readonly count: number;
  readonly results: ReadonlyMap<string, Tensor>;
}

interface Collecting {
  readonly samples: Samples;
  readonly from: number;
  /** Samples of a batch, where the model says it. */
  readonly fixed: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Runs on samples until they end, or what is kept has grown large. */
async function collect(
  { samples, from, fixed, signal }: Collecting,
  run: (feeds: Feeds) => Promise<ReadonlyMap<string, Tensor>>,
): Promise<Run[]> {
  const runs: Run[] = [];
  let kept = 0;
  let size = fixed ?? 1;
  for (let done = from; done < samples.count && kept < keptBytes; ) {
    checkSignal(signal);
    const count = fixed ?? Math.min(size, samples.count - done);
    // the last batch of a fixed size goes over some samples again
    const start = Math.max(0, Math.min(done, samples.count - count));
    const results = await run(samples.feeds(start, count));
    runs.push({ start, count, results });
    done += count;
    const bytes = [...results.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    kept += bytes;
    size = Math.max(1, Math.min(mostSamples, Math.floor((runBytes * count) / Math.max(1, bytes))));
  }
  return runs;
}

/** A model without operators of the standard domain imports it for the Casts. */
const withCast = (model: Model): Model => (model.opsets.has('') ? model : { ...model, opsets: new Map(model.opsets).set('', 13) });

/** The batch that the inputs say themselves; undefined where it is free. */
function batchOf({ graph }: Model): number | undefined {
  const first = graph.inputs.filter((v) => !graph.initializers.has(v.name)).map((v) => v.dims?.[0]);
  return first.find((d) => typeof d === 'number');
}

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
