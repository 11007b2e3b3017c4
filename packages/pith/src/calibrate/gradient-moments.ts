/**
 * Two-sided second moments of weight gradients, in two passes over the samples: plain ones first, then each side whitened by the other,
 * which is one step of the alternation that fits a Kronecker product to the full matrix. Both sides are scaled to the mean square of the
 * gradient.
 */
import { checkSignal } from '../base/errors.js';
import { damped } from '../base/linalg.js';
import { Random } from '../base/random.js';
import { type Model, sizeOf, type Tensor } from '../base/tensor.js';
import { type Engine, type Feeds, withSession } from '../engine/engine.js';
import { arranged, diagonalOf, joined, split, symmetric } from './arrange.js';
import { batchesFor } from './batch-size.js';
import { Dense, productModel } from './dense.js';
import { type GradientProgram, gradientProgram, type LayerPorts } from './gradient-program.js';
import type { WeightLayer } from './layer.js';
import type { LayerMoments } from './moments.js';
import type { Observe } from './observed.js';
import type { Samples } from './samples.js';
import { type Batch, bySize, Sums, sweep } from './sweep.js';
import type { Side, Sides } from './two-sided.js';

/** Share of the mean diagonal that is added before a whitening inverse. */
const whiteningDamp = 0.1;

export interface GradientMomentsOptions {
  readonly engine: Engine;
  readonly threads: number;
  readonly model: Model;
  readonly layers: readonly WeightLayer[];
  readonly samples: Samples;
  readonly draws: number;
  readonly sidesOf: (layer: WeightLayer) => Sides;
  readonly observe: Observe;
  /** Samples at a time; each keeps a gradient of its own. */
  readonly batch: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of samples gone through; both passes count. */
  readonly done: (samples: number) => void;
}

/** First moments, then whitened ones: per layer, per side, [groups][n²] or [groups][n]. */
interface Sided {
  readonly input: Float64Array[];
  readonly output: Float64Array[];
}

/** Of those layers that gradients reach. Throws `unsupported.gradient` where it is none, `interrupted.cancelled`. */
export async function gradientMoments(options: GradientMomentsOptions): Promise<Map<string, LayerMoments>> {
  const first = await pass(options, undefined);
  const inverses = await withSession(options.engine, productModel(options.model), { threads: options.threads }, async (session) => {
    const dense = new Dense(session);
    const found = new Map<string, Sided>();
    for (const [name, { ports, sided }] of first) {
      checkSignal(options.signal);
      found.set(name, await whiteningOf(dense, ports, sided));
    }
    return found;
  });
  const second = await pass(options, inverses);
  return new Map([...second].map(([name, { ports, sided }]) => [name, finished(ports, sided, first.get(name)!.sided)]));
}

interface Passed {
  readonly ports: LayerPorts;
  readonly sided: Sided;
}

async function pass(options: GradientMomentsOptions, inverses: ReadonlyMap<string, Sided> | undefined): Promise<Map<string, Passed>> {
  const { engine, threads, samples, batch, seed, draws, signal, done } = options;
  const sums = new Sums();
  let ports: readonly LayerPorts[] = [];
  const batches = batchesFor(options.model, samples.count, batch);
  for (const group of bySize(batches)) {
    const [{ start, count }] = group;
    const first = samples.feeds(start, count);
    const told = await options.observe(first);
    const program = gradientProgram({ ...options, feeds: first, told, samples: count, whitened: inverses !== undefined });
    ports = program.layers;
    const fixed = inverses ? whiteningFeeds(program, inverses) : [];
    const feeds = ({ start: from, count: size }: Batch): Feeds =>
      new Map([...samples.feeds(from, size), ...fixed, ...probeFeeds(program, { seed, from, size })]);
    await withSession(engine, program.model, { threads }, (session) =>
      sweep({ batches: group, run: (b) => session.run(feeds(b)), sums, signal, done: (b) => done(b.count) }),
    );
  }
  const scale = 1 / (batches.reduce((sum, b) => sum + b.count, 0) * draws);
  return new Map(
    ports.map((port) => {
      const { groups } = port.layer;
      const mean = (name: string, count: number): Float64Array[] =>
        split(
          sums.get(name).map((v) => v * scale),
          count,
        );
      const sided = { input: mean(port.input, groups * port.sides.blocks), output: mean(port.output, groups) };
      return [port.layer.weight, { ports: port, sided }];
    }),
  );
}

const float = (dims: readonly number[], data: Float32Array): Tensor => ({ dtype: 'float32', dims, data });

/** Standard normal numbers; those of a sample do not depend on the batch that it is in. */
function probeFeeds(
  { probes, probeDims }: GradientProgram,
  { seed, from, size }: { readonly seed: number; readonly from: number; readonly size: number },
): [string, Tensor][] {
  const each = sizeOf(probeDims) / size;
  return probes.map((name, draw) => {
    const data = new Float32Array(each * size);
    for (let s = 0; s < size; s++) {
      const random = Random.of(seed, 'probe', draw, from + s);
      for (let i = 0; i < each; i++) data[s * each + i] = random.normal();
    }
    return [name, float(probeDims, data)];
  });
}

async function whiteningOf(dense: Dense, { sides, width, layer }: LayerPorts, { input, output }: Sided): Promise<Sided> {
  const invert = async (side: Side, n: number, moments: readonly Float64Array[]): Promise<Float64Array[]> => {
    const inverses: Float64Array[] = [];
    for (const m of moments) inverses.push(side === 'full' ? await dense.inverse(damped(m, n, whiteningDamp), n) : reciprocal(m));
    return inverses;
  };
  return { input: await invert(sides.input, width, input), output: await invert(sides.output, layer.rows / layer.groups, output) };
}

function reciprocal(diagonal: Float64Array): Float64Array {
  const mean = sumOf(diagonal) / diagonal.length;
  return diagonal.map((v) => 1 / Math.max(1e-30, v + whiteningDamp * mean));
}

function whiteningFeeds({ layers }: GradientProgram, inverses: ReadonlyMap<string, Sided>): [string, Tensor][] {
  return layers.flatMap(({ layer, sides, width, whitening }) => {
    const found = inverses.get(layer.weight)!;
    const tensor = (side: Side, n: number, values: readonly Float64Array[]): Tensor => {
      const data = new Float32Array(values.length * (side === 'full' ? n * n : n));
      values.forEach((v, g) => {
        data.set(v, g * v.length);
      });
      return float(side === 'full' ? [values.length, n, n] : [values.length, n], data);
    };
    return [
      [whitening!.input, tensor(sides.input, width, found.input)],
      [whitening!.output, tensor(sides.output, layer.rows / layer.groups, found.output)],
    ];
  });
}

const sumOf = (list: Float64Array): number => list.reduce((a, b) => a + b, 0);

/** Scaled, columns in the layer's own order, the bias there. */
function finished({ layer, sides, width, biased, order }: LayerPorts, sided: Sided, first: Sided): LayerMoments {
  const rows = layer.rows / layer.groups;
  const { blocks } = sides;
  const traceOf = (m: Float64Array, side: Side, n: number): number => sumOf(diagonalOf(m, side, n));
  /** Of a group: of all its blocks. */
  const traces = (inputs: readonly Float64Array[]): number[] =>
    Array.from({ length: layer.groups }, (_, g) =>
      inputs.slice(g * blocks, (g + 1) * blocks).reduce((sum, m) => sum + traceOf(m, sides.input, width), 0),
    );
  const square = traces(first.input);
  const whole = square.reduce((a, b) => a + b, 0);
  const factor = (sum: number, group: number): number => (sum > 0 ? Math.sqrt(square[group]! * whole) / sum : 0);
  const scaled = (m: Float64Array, side: Side, n: number, by: number): Float64Array =>
    symmetric(
      m.map((v) => v * by),
      side,
      n,
    );
  const sums = traces(sided.input);
  const input = sided.input.map((m, b) => {
    const group = Math.floor(b / blocks);
    return arranged(scaled(m, sides.input, width, factor(sums[group]!, group)), sides.input, { width, biased, order });
  });
  const output = sided.output.map((m, g) => scaled(m, sides.output, rows, factor(traceOf(m, sides.output, rows), g)));
  const diagonals = input.map((m) => diagonalOf(m, sides.input, biased ? width : width + 1));
  return {
    kind: 'gradient',
    blocks,
    input: sides.input === 'full' ? input : null,
    inputDiagonal: blocks > 1 ? [joined(diagonals)] : diagonals,
    output: sides.output === 'full' ? output : null,
    outputDiagonal: output.map((m) => diagonalOf(m, sides.output, rows)),
    trace: whole,
  };
}
