/**
 * How fast a model runs by pith-runtime, layer by layer, and beside its peers: all in one process, one thread each, in turns, after each has
 * given the numbers that ONNX Runtime gives. Times are of the clock: on a busy machine only their ratios mean something. Node only.
 */
import { type Explained, load, type ModelMemory, type NodeData, readPith, writePith } from 'pith-runtime';
import { checkSignal, PithError } from '../base/errors.js';
import { checkKeys } from '../base/options.js';
import type { Model } from '../base/tensor.js';
import { noiseSamples } from '../calibrate/noise.js';
import type { Engine, Feeds } from '../engine/engine.js';
import { nodeHost } from '../engine/node-host.js';
import { onnxruntimeNode } from '../engine/onnxruntime-node.js';
import { onnxruntimeWeb } from '../engine/onnxruntime-web.js';
import { feedData, pithRuntime } from '../engine/pith-runtime.js';
import { toRef } from '../ops/ref.js';
import { generous } from './limits.js';
import { inModel, type ModelSource, openModel } from './model-source.js';

export type Peer = 'onnxruntime-node' | 'onnxruntime-web';

export interface BenchOptions {
  readonly model: ModelSource;
  readonly vs?: readonly Peer[];
  /** Samples in one run; 1 unless said. */
  readonly batch?: number;
  /** Time for the runs of each; 2 unless said. */
  readonly seconds?: number;
  readonly seed?: number;
  /** pith-runtime may round beyond float32 where it is faster for it (its `LoadOptions` says how far). */
  readonly allowReducedPrecision?: boolean;
  readonly signal?: AbortSignal;
  /** Share of the whole that is done. */
  readonly onProgress?: (done: number) => void;
}

/** Milliseconds. */
export interface Timed {
  readonly name: string;
  /** From the bytes (a peer: the decoded model) to what runs, and the first run. */
  readonly load: number;
  readonly first: number;
  readonly median: number;
  readonly least: number;
  readonly runs: number;
  /** The largest difference to ONNX Runtime's outputs, as a share of the largest of these. */
  readonly error: number;
}

export interface TimedLayer extends Explained {
  /** By its weight, as names of nodes are not kept in a .pith file; without one the name of the step. */
  readonly layer: string;
  /** Median of milliseconds. */
  readonly milliseconds: number;
}

export interface BenchResult {
  readonly format: 'onnx' | 'pith';
  readonly bytes: number;
  readonly batch: number;
  readonly layers: readonly TimedLayer[];
  readonly memory: ModelMemory;
  /** pith-runtime first, then the peers in the order in which they were asked for. */
  readonly timed: readonly Timed[];
}

const keys = { model: 1, vs: 1, batch: 1, seconds: 1, seed: 1, allowReducedPrecision: 1, signal: 1, onProgress: 1 } as const;
const warming = 3;
const fewest = 5;
const most = 2000;

/** Throws what opening the model throws, what an engine refuses, `usage.peer` where a peer is not installed. */
export async function bench(options: BenchOptions): Promise<BenchResult> {
  checkKeys('bench', options, keys);
  const { vs = [], batch = 1, seconds = 2, seed = 7, allowReducedPrecision = false, signal, onProgress } = options;
  const { model, format, bytes, pith } = await openModel(options.model);
  const file = pith?.file ?? writePith({ model }).bytes;
  const feeds = noiseSamples({ model, count: batch, seed }).feeds(0, batch);
  const { clock } = nodeHost();
  return inModel(options.model, async () => {
    const expected = await outputsOf(onnxruntimeNode, model, feeds);
    const engines = [
      pithRuntime(file, { allowReducedPrecision }),
      ...(await Promise.all(vs.map((peer) => (peer === 'onnxruntime-web' ? onnxruntimeWeb() : onnxruntimeNode)))),
    ];
    const contenders: Contender[] = [];
    try {
      for (const engine of engines) contenders.push(await begun(engine, model, feeds, expected, clock));
      let rounds = 0;
      for (const began = clock(); rounds < most; rounds++) {
        const spent = (clock() - began) / 1000 / contenders.length / seconds;
        if (rounds >= fewest && spent >= 1) break;
        onProgress?.(Math.min(1, spent) * 0.8);
        // the next turn begins with another one
        for (let i = 0; i < contenders.length; i++) await contenders[(rounds + i) % contenders.length]!.once();
        checkSignal(signal);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { layers, memory } = await profiled({ file, allowReducedPrecision, feeds, seconds: seconds / 2, clock, signal });
      onProgress?.(1);
      return { format, bytes, batch, layers, memory, timed: contenders.map(({ timed }) => timed()) };
    } finally {
      for (const { close } of contenders) await close();
    }
  });
}

interface Contender {
  once(): Promise<void>;
  timed(): Timed;
  close(): Promise<void>;
}

async function begun(engine: Engine, model: Model, feeds: Feeds, expected: Feeds, clock: () => number): Promise<Contender> {
  const began = clock();
  const session = await engine.open(model, { threads: 1 });
  const loaded = clock();
  const outputs = await session.run(feeds);
  const first = clock() - loaded;
  const error = errorOf(outputs, expected);
  for (let i = 0; i < warming; i++) await session.run(feeds);
  const times: number[] = [];
  return {
    async once() {
      const start = clock();
      await session.run(feeds);
      times.push(clock() - start);
    },
    timed: () => ({
      name: engine.name,
      load: loaded - began,
      first,
      median: medianOf(times),
      least: Math.min(...times),
      runs: times.length,
      error,
    }),
    close: () => session.close(),
  };
}

async function outputsOf(engine: Engine, model: Model, feeds: Feeds): Promise<Feeds> {
  const session = await engine.open(model, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

function errorOf(outputs: Feeds, expected: Feeds): number {
  let worst = 0;
  for (const [name, tensor] of expected) {
    const given = outputs.get(name);
    const [data, other] = [toRef(tensor).data, given && toRef(given).data];
    const scale = largest(data);
    if (other?.length !== data.length) return Infinity;
    for (let i = 0; i < data.length; i++) {
      const off = Math.abs(other[i]! - data[i]!) / (scale || 1);
      worst = Number.isNaN(off) ? worst : Math.max(worst, off);
    }
  }
  return worst;
}

function largest(data: Float64Array): number {
  let found = 0;
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i]!)) found = Math.max(found, Math.abs(data[i]!));
  return found;
}

interface Profiled {
  readonly file: Uint8Array;
  readonly allowReducedPrecision: boolean;
  readonly feeds: Feeds;
  readonly seconds: number;
  readonly clock: () => number;
  readonly signal: AbortSignal | undefined;
}

async function profiled(given: Profiled): Promise<Pick<BenchResult, 'layers' | 'memory'>> {
  const { file, allowReducedPrecision, feeds, seconds, clock, signal } = given;
  const model = await load(file, { allowReducedPrecision, threads: 1 });
  try {
    const fed = Object.fromEntries([...feeds].map(([name, tensor]) => [name, { dims: tensor.dims, data: feedData(name, tensor) }]));
    await model.run(fed);
    const times: number[][] = model.explain().map(() => []);
    const began = clock();
    for (let round = 0; round < most && (round < fewest || (clock() - began) / 1000 < seconds); round++) {
      let last = clock();
      await model.run(fed, {
        onStep: (step) => {
          const now = clock();
          times[step]!.push(now - last);
          last = now;
        },
      });
      checkSignal(signal);
    }
    const layerOf = namesByWeight(file);
    const layers = model.explain().map((step, i) => ({ layer: layerOf(step.node), ...step, milliseconds: medianOf(times[i]!) }));
    return { layers, memory: model.memory };
  } finally {
    model.dispose();
  }
}

function namesByWeight(file: Uint8Array): (node: string) => string {
  const { model, tensors } = readPith(file, generous);
  const weightOf = ({ inputs }: NodeData): string | undefined => inputs.find((name) => tensors.has(name))?.replace(/\.weight$/, '');
  const names = new Map(model.graph.nodes.map((node) => [node.outputs[0], weightOf(node)]));
  return (node) => names.get(node) ?? node;
}

/** Throws `bug.bench` for no times. */
function medianOf(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined) throw new PithError('bug.bench', { expected: 'times', got: 'none' });
  return middle;
}
