/**
 * The graph that gives two-sided gradient moments: forward once, back once for each draw, and the moments of each layer summed over the
 * samples of a batch. What is differentiated is v·output with v drawn from a standard normal by the caller, so that the mean over draws
 * of the squared change along a gradient is the squared change of the output.
 */
import { gradients } from '../autodiff/gradient.js';
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Feeds } from '../engine/engine.js';
import type { Builder } from '../graph/builder.js';
import type { Known, Value } from '../graph/value.js';
import { type Bound, bound, built, knownValue, tell } from './bound.js';
import type { WeightLayer } from './layer.js';
import { reachable } from './reachable.js';
import { type ProductReading, readingOf, typeOf, withOnes } from './reading.js';
import { type Sides, sidedMoments, type Whitening } from './two-sided.js';

export interface GradientProgramOptions {
  readonly model: Model;
  readonly layers: readonly WeightLayer[];
  /** Of one batch: their shapes count. */
  readonly feeds: Feeds;
  /** How many independent samples stand in the batch, along the first axis of each layer's values. */
  readonly samples: number;
  readonly draws: number;
  readonly sidesOf: (layer: WeightLayer) => Sides;
  /** Whether whitening inverses are inputs of the graph. */
  readonly whitened: boolean;
}

/** Names in the graph that belong to a layer. */
export interface LayerPorts {
  readonly layer: WeightLayer;
  readonly sides: Sides;
  readonly order: Int32Array | null;
  /** Columns, the bias included where the columns come from the input. */
  readonly width: number;
  readonly biased: boolean;
  /** Outputs: the moments. */
  readonly input: string;
  readonly output: string;
  /** Inputs: the whitening inverses. */
  readonly whitening?: { readonly input: string; readonly output: string };
}

export interface GradientProgram {
  readonly model: Model;
  /** Inputs that take a drawn v each, one for each draw, of the output's shape. */
  readonly probes: readonly string[];
  readonly probeDims: readonly number[];
  readonly layers: readonly LayerPorts[];
}

/** What a layer is in a graph for given shapes. */
interface Place {
  readonly layer: WeightLayer;
  readonly readings: readonly ProductReading[];
}

/**
 * A program for those of the layers that gradients of the first float32 output reach; the other layers are not in it. Throws
 * `unsupported.gradient` where it is none.
 */
export function gradientProgram(options: GradientProgramOptions): GradientProgram {
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
function refusing({ model }: GradientProgramOptions, error: PithError, refused: ReadonlySet<string>): string | undefined {
  const { node: name, op } = error.detail.at ?? {};
  return model.graph.nodes.find(
    (node) => node.op === op && (node.name === name || node.outputs[0] === name) && !refused.has(node.outputs[0]!),
  )?.outputs[0];
}

function attempt(options: GradientProgramOptions, refused: ReadonlySet<string>): GradientProgram {
  const { model, draws } = options;
  const whole = bound(model, options.feeds);
  const { builder, types } = whole;
  const output = builder.graph.outputs.find((v) => types.get(v.name)?.dtype === 'float32');
  const places = output ? placesOf(options, whole, reachable(builder.graph.nodes, types, [output.name], refused)) : [];
  if (!output || places.length === 0)
    throw new PithError('unsupported.gradient', {
      expected: 'a layer that gradients of a float32 output reach',
      got: output ? 'none' : 'no such output',
      fix: 'use forward statistics',
    });
  const logits = knownValue(types, output.name);
  const results = [...new Set(places.flatMap(({ readings }) => readings.map((r) => r.result)))];
  const probes: Value[] = [];
  const found: ReadonlyMap<string, Value>[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const probe = builder.input('probe', logits);
    const product = builder.Mul(logits, probe);
    const sum = builder.ReduceSum(product, undefined, false);
    types.set(probe.name, probe);
    tell(builder, types);
    found.push(gradients({ builder, types, of: sum.name, to: results }));
    probes.push(probe);
  }
  builder.graph.outputs.splice(0);
  const ports = places.map((place) => momentsOf(options, whole, place, found));
  return { model: built(model, builder), probes: probes.map((p) => p.name), probeDims: logits.dims, layers: ports };
}

/** The layers of which every reading is known and reached. */
function placesOf({ model, layers, samples }: GradientProgramOptions, { types }: Bound, open: ReadonlySet<string>): Place[] {
  return layers.flatMap((layer) => {
    const weight = model.graph.initializers.get(layer.weight);
    if (weight?.dtype !== 'float32') return [];
    try {
      const readings = layer.readers.flatMap((node) => {
        const reading = readingOf(layer, node, typeOf(weight));
        return reading.kind === 'product' ? [reading] : [];
      });
      const alike = readings.every((r) => r.columnsFrom === readings[0]!.columnsFrom);
      const fit = (name: string): boolean => types.get(name)?.dtype === 'float32' && (types.get(name)!.dims[0] ?? 0) % samples === 0;
      return alike && readings.length === layer.readers.length && readings.every((r) => open.has(r.result) && fit(r.input) && fit(r.result))
        ? [{ layer, readings }]
        : [];
    } catch (error) {
      if (error instanceof PithError && error.code === 'unsupported.layer') return [];
      throw error;
    }
  });
}

function momentsOf(
  { samples, draws, sidesOf, whitened }: GradientProgramOptions,
  { builder: op, types }: Bound,
  { layer, readings }: Place,
  found: readonly ReadonlyMap<string, Value>[],
): LayerPorts {
  const sides = sidesOf(layer);
  const biased = readings.every((r) => r.columnsFrom === 'input');
  const factors = readings.map((reading) => factorsOf(op, reading, { types, found, samples }));
  const left = op.Concat(
    factors.map((f) => f.left),
    3,
  );
  const right = op.Concat(
    factors.map((f) => f.right),
    2,
  );
  const width = right.dims[3]!;
  const whitening = whitened ? whiteningInputs(op, layer, sides, width) : undefined;
  const moments = sidedMoments(op, { left, right, draws: biased ? draws : 1 }, sides, whitening);
  return {
    layer,
    sides,
    order: readings[0]!.order,
    width,
    biased,
    input: op.output(`${layer.weight}/input`, moments.input).name,
    output: op.output(`${layer.weight}/output`, moments.output).name,
    ...(whitening && { whitening: { input: whitening.input.name, output: whitening.output.name } }),
  };
}

interface Found {
  readonly types: ReadonlyMap<string, Known>;
  /** Gradients of the results, for each draw. */
  readonly found: readonly ReadonlyMap<string, Value>[];
  readonly samples: number;
}

/** Row and column factors of all draws. Draws that share their columns stand beside each other as rows, others as further samples. */
function factorsOf(
  op: Builder,
  reading: ProductReading,
  { types, found, samples }: Found,
): { readonly left: Value; readonly right: Value } {
  const input = knownValue(types, reading.input);
  const gradient = found.map((by) => by.get(reading.result)!);
  if (reading.columnsFrom === 'input') {
    const rows = gradient.map((dy) => reading.rows(op, dy, samples));
    return { left: op.Concat(rows, 2), right: withOnes(op, reading.columns(op, input, samples)) };
  }
  const rows = reading.rows(op, input, samples);
  const columns = gradient.map((dy) => reading.columns(op, dy, samples));
  return {
    left: op.Concat(
      columns.map(() => rows),
      0,
    ),
    right: op.Concat(columns, 0),
  };
}

function whiteningInputs(op: Builder, { weight, rows, groups }: WeightLayer, sides: Sides, width: number): Whitening {
  const input = (name: string, side: Sides['input'], n: number): Value =>
    op.input(`${weight}/${name}`, { dtype: 'float32', dims: side === 'full' ? [groups, n, n] : [groups, n] });
  return { input: input('white-input', sides.input, width), output: input('white-output', sides.output, rows / groups) };
}
