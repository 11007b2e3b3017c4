/** The graph that gives two-sided gradient moments: forward once, back once for each draw, and the moments of each layer over a batch. */
import type { Model } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { orderInBlock } from './arrange.js';
import { type Backward, type BackwardOptions, backward, type Reached } from './backward.js';
import { built, knownValue } from './bound.js';
import { type WeightLayer, widthOf } from './layer.js';
import { lookupMoments } from './lookup-moments.js';
import { outerOf } from './reading.js';
import { inBlocks, type SidedValues, type Sides, sidedMoments, type Whitening, withOnes } from './two-sided.js';

export interface GradientProgramOptions extends BackwardOptions {
  readonly sidesOf: (layer: WeightLayer) => Sides;
  /** Whether whitening inverses are inputs of the graph. */
  readonly whitened: boolean;
}

/** What belongs to a layer in the graph. */
export interface LayerPorts {
  readonly layer: WeightLayer;
  readonly sides: Sides;
  /** Of the columns of a block, the bias included where it is one. */
  readonly width: number;
  readonly biased: boolean;
  readonly order: Int32Array | null;
  /** Names of the outputs that are the moments. */
  readonly input: string;
  readonly output: string;
  /** Names of the inputs that are the whitening inverses. */
  readonly whitening?: { readonly input: string; readonly output: string };
}

export interface GradientProgram {
  readonly model: Model;
  /** Inputs that take a drawn v each, of the output's shape. */
  readonly probes: readonly string[];
  readonly probeDims: readonly number[];
  readonly layers: readonly LayerPorts[];
}

/** For those of the layers that gradients reach; the others are not in it. Throws `unsupported.gradient` where it is none. */
export function gradientProgram(options: GradientProgramOptions): GradientProgram {
  const found = backward(options);
  const layers = found.layers.flatMap((reached) => moments(options, found, reached));
  return {
    model: built(options.model, found.builder),
    probes: found.probes.map((p) => p.name),
    probeDims: found.output.dims,
    layers,
  };
}

function moments({ samples, draws, sidesOf, whitened }: GradientProgramOptions, found: Backward, reached: Reached): LayerPorts[] {
  const { layer, products, lookups } = reached;
  const op = found.builder;
  const biased = layer.bias !== undefined && lookups.length === 0 && products.every((r) => r.biased);
  // The rows of a table are its entries: too many for a matrix, and hardly ever two of them in one place.
  const sides: Sides = lookups.length > 0 ? { ...sidesOf(layer), output: 'diagonal', blocks: 1 } : sidesOf(layer);
  const width = widthOf(layer) / sides.blocks + (biased ? 1 : 0);
  const whitening = whitened ? whiteningInputs(op, layer, sides, width) : undefined;
  const parts: SidedValues[] = [];
  if (products.length > 0) {
    const { left, right } = factorsOf(found, reached, { samples, biased, blocks: sides.blocks });
    // A tied weight that is read the other way round elsewhere is no one product.
    if (left?.dims[1] !== layer.groups || left.dims[2] !== (draws * layer.rows) / layer.groups || right?.dims[3] !== width) return [];
    parts.push(sidedMoments(op, { left, right, draws }, sides, whitening));
  }
  for (const { index, result } of lookups) {
    const rows = found.gradients.map((by) => by.get(result)!);
    parts.push(lookupMoments(op, { index: knownValue(found.types, index), rows, entries: layer.rows, side: sides.input, whitening }));
  }
  const total = (which: keyof SidedValues): Value => parts.map((p) => p[which]).reduce((a, b) => op.Add(a, b));
  const ports = {
    layer,
    sides,
    width,
    biased,
    order: orderInBlock(products[0]?.order ?? null, layer.columns, sides.blocks),
    input: op.output(`${layer.weight}/input`, total('input')).name,
    output: op.output(`${layer.weight}/output`, total('output')).name,
  };
  return [whitening ? { ...ports, whitening: { input: whitening.input.name, output: whitening.output.name } } : ports];
}

/** Several nodes that apply one weight are more places of it; draws stand beside each other as rows. Nothing where they do not fit together. */
function factorsOf(
  { builder: op, types, gradients }: Backward,
  { layer, products }: Reached,
  { samples, biased, blocks }: { readonly samples: number; readonly biased: boolean; readonly blocks: number },
): { readonly left?: Value; readonly right?: Value } {
  const rows = products.map((reading) => {
    const draws = gradients.map((by) => reading.rows(op, by.get(reading.result)!, samples));
    return op.Concat(draws, 2);
  });
  const columns = products.map((reading) => reading.columns(op, knownValue(types, reading.input), samples));
  const alike = (list: readonly Value[], axis: number): boolean => list.every(({ dims }) => dims[axis] === list[0]!.dims[axis]);
  if (!alike(rows, 2) || !alike(columns, 3)) return {};
  const right = inBlocks(op, op.Concat(columns, 2), blocks, outerOf(products[0]!, layer));
  return { left: op.Concat(rows, 3), right: biased ? withOnes(op, right) : right };
}

function whiteningInputs(op: Builder, { weight, rows, groups }: WeightLayer, sides: Sides, width: number): Whitening {
  const input = (name: string, side: Sides['input'], count: number, n: number): Value =>
    op.input(`${weight}/${name}`, { dtype: 'float32', dims: side === 'full' ? [count, n, n] : [count, n] });
  return {
    input: input('white-input', sides.input, groups * sides.blocks, width),
    output: input('white-output', sides.output, groups, rows / groups),
  };
}
