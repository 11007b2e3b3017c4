/** The definitions written out in doubles, slowly, on the reference evaluator: what the graphs of this room are compared with. */
import { damped, inverse } from '../../src/base/linalg.js';
import { Random } from '../../src/base/random.js';
import { type Model, sizeOf } from '../../src/base/tensor.js';
import { type WeightLayer, widthOf } from '../../src/calibrate/layer.js';
import type { Samples } from '../../src/calibrate/samples.js';
import { parseGraph } from '../../src/onnx/text-parse.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { toRef } from '../../src/ops/ref.js';

const opset = 17;

export interface NetSpec {
  /** The text form of a graph with one input `x` and weights `name: dims` left out of it. */
  readonly graph: string;
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** A model of random weights. */
export function netOf({ graph, weights }: NetSpec): Model {
  const data = parseGraph(graph);
  const initializers = new Map(data.initializers);
  for (const [name, dims] of Object.entries(weights)) {
    const random = Random.of(3, name);
    initializers.set(name, { dtype: 'float32', dims, data: Float32Array.from({ length: sizeOf(dims) }, () => random.normal()) });
  }
  return {
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    doc: '',
    metadata: new Map(),
    graph: { ...data, initializers },
    functions: [],
  };
}

/** Normal numbers for the input x of the shape that the model says, its first axis the samples. */
export function normalSamples(model: Model, count: number): Samples {
  const { name, dims: said } = model.graph.inputs[0]!;
  const dims = said as readonly number[];
  const each = sizeOf(dims.slice(1));
  const random = Random.of(5, 'samples');
  const data = Float32Array.from({ length: count * each }, () => random.normal());
  return {
    count,
    origin: 'noise',
    feeds: (start, n) =>
      new Map([[name, { dtype: 'float32', dims: [n, ...dims.slice(1)], data: data.slice(start * each, (start + n) * each) }]]),
  };
}

/** A weight's element of group, row and column of the layer's view. */
export function elementOf(layer: WeightLayer, group: number, row: number, column: number): number {
  const width = widthOf(layer);
  const whole = (group * layer.rows) / layer.groups + row;
  return layer.transposed ? column * layer.rows + whole : whole * width + column;
}

/** The value of the first output, in doubles, for one sample. */
export function outputOf(model: Model, samples: Samples, sample: number, changed?: ReadonlyMap<string, Float64Array>): Float64Array {
  const feeds = new Map([...samples.feeds(sample, 1)].map(([name, t]) => [name, toRef(t)]));
  for (const [name, data] of changed ?? []) feeds.set(name, { ...toRef(model.graph.initializers.get(name)!), data });
  return evaluate(model.graph, opset, feeds).get(model.graph.outputs[0]!.name)!.data;
}

export interface Brute {
  readonly input: Float64Array[];
  readonly output: Float64Array[];
  readonly trace: number;
}

export interface BruteOptions {
  readonly model: Model;
  readonly layer: WeightLayer;
  readonly samples: Samples;
  readonly draws: number;
  readonly seed: number;
  /** Sides that are whitened by their diagonal. */
  readonly diagonal?: readonly ('input' | 'output')[];
}

/** The bias is a column where there is one. */
const columnsOf = (layer: WeightLayer): number => widthOf(layer) + (layer.bias === undefined ? 0 : 1);

/** Gradients [row][column, the bias last] of v·output for each sample and draw, by central differences. Of group `group`. */
function gradientsOf({ model, layer, samples, draws, seed }: BruteOptions, group: number): Float64Array[] {
  const rows = layer.rows / layer.groups;
  const width = widthOf(layer);
  const list: Float64Array[] = [];
  for (let sample = 0; sample < samples.count; sample++) {
    const slopes: Float64Array[][] = [];
    for (let row = 0; row < rows; row++) {
      slopes.push([]);
      for (let column = 0; column < columnsOf(layer); column++)
        slopes[row]!.push(
          column < width
            ? slope(model, samples, sample, layer.weight, elementOf(layer, group, row, column))
            : slope(model, samples, sample, layer.bias!, (group * layer.rows) / layer.groups + row),
        );
    }
    for (let draw = 0; draw < draws; draw++) {
      const random = Random.of(seed, 'probe', draw, sample);
      const v = Float32Array.from({ length: slopes[0]![0]!.length }, () => random.normal());
      list.push(Float64Array.from(slopes.flatMap((line) => line.map((s) => s.reduce((sum, d, i) => sum + d * v[i]!, 0)))));
    }
  }
  return list;
}

/** Of every element of the output with respect to one number. Steps are small, so that no activation crosses its corner. */
function slope(model: Model, samples: Samples, sample: number, name: string, at: number): Float64Array {
  const step = 1e-5;
  const shifted = (by: number): Float64Array => {
    const data = toRef(model.graph.initializers.get(name)!).data;
    data[at]! += by;
    return outputOf(model, samples, sample, new Map([[name, data]]));
  };
  const [up, down] = [shifted(step), shifted(-step)];
  return up.map((v, i) => (v - down[i]!) / (2 * step));
}

/** The recipe as it is written: first moments, whitened ones, both rescaled. */
export function bruteMoments(options: BruteOptions): Brute {
  const { layer, diagonal = [] } = options;
  const rows = layer.rows / layer.groups;
  const cut = (side: 'input' | 'output', m: Float64Array, length: number): Float64Array =>
    diagonal.includes(side) ? m.map((v, i) => (i % (length + 1) === 0 ? v : 0)) : m;
  const n = columnsOf(layer);
  const groups = Array.from({ length: layer.groups }, (_, g) => {
    const list = gradientsOf(options, g);
    const first = {
      input: mean(list, (gr) => quadratic(gr, rows, n, 'input')),
      output: mean(list, (gr) => quadratic(gr, rows, n, 'output')),
    };
    const p = inverse(damped(cut('output', first.output, rows), rows, 0.1), rows);
    const q = inverse(damped(cut('input', first.input, n), n, 0.1), n);
    return {
      square: mean(list, (gr) => Float64Array.of(gr.reduce((sum, v) => sum + v * v, 0)))[0]!,
      input: mean(list, (gr) => quadratic(gr, rows, n, 'input', p)),
      output: mean(list, (gr) => quadratic(gr, rows, n, 'output', q)),
    };
  });
  const trace = groups.reduce((sum, g) => sum + g.square, 0);
  const scaled = (m: Float64Array, side: number, square: number): Float64Array => {
    let sum = 0;
    for (let i = 0; i < side; i++) sum += m[i * side + i]!;
    return m.map((v) => (v * Math.sqrt(square * trace)) / sum);
  };
  return {
    input: groups.map((g) => withBias(scaled(g.input, n, g.square), n, widthOf(layer) + 1)),
    output: groups.map((g) => scaled(g.output, rows, g.square)),
    trace,
  };
}

/** With a row and a column of zeros for a bias that is not there. */
function withBias(m: Float64Array, from: number, to: number): Float64Array {
  const out = new Float64Array(to * to);
  for (let i = 0; i < from; i++) for (let j = 0; j < from; j++) out[i * to + j] = m[i * from + j]!;
  return out;
}

function mean(list: readonly Float64Array[], f: (gradient: Float64Array) => Float64Array): Float64Array {
  const all = list.map(f);
  return all[0]!.map((_, i) => all.reduce((sum, m) => sum + m[i]!, 0) / all.length);
}

/** Grᵀ·P·Gr or Gr·Q·Grᵀ; the identity where no matrix is given. */
function quadratic(gr: Float64Array, rows: number, n: number, side: 'input' | 'output', by?: Float64Array): Float64Array {
  const [outer, inner] = side === 'input' ? [n, rows] : [rows, n];
  const at = (o: number, i: number): number => gr[side === 'input' ? i * n + o : o * n + i]!;
  const out = new Float64Array(outer * outer);
  for (let a = 0; a < outer; a++)
    for (let b = 0; b < outer; b++)
      for (let i = 0; i < inner; i++)
        for (let j = 0; j < inner; j++) out[a * outer + b]! += at(a, i) * (by ? by[i * inner + j]! : i === j ? 1 : 0) * at(b, j);
  return out;
}

/** What the layer's weights are applied to at each place, by making the weight one column after the other: the mean of x·xᵀ, the bias last. */
export function bruteForward(model: Model, layer: WeightLayer, samples: Samples): Float64Array[] {
  const width = widthOf(layer);
  const weight = model.graph.initializers.get(layer.weight)!;
  const node = layer.readers[0]!;
  const inside = { ...model.graph, nodes: model.graph.nodes.map((m) => (m === node ? { ...m, inputs: m.inputs.slice(0, 2) } : m)) };
  const graph = { ...inside, outputs: [{ name: layer.node, dtype: null, dims: null }] };
  return Array.from({ length: layer.groups }, (_, group) => {
    const seen = Array.from({ length: width }, (_, column) => {
      const data = new Float64Array(weight.data.length);
      data[elementOf(layer, group, 0, column)] = 1;
      return Array.from({ length: samples.count }, (_, s) => [
        ...outputRow({ ...model, graph }, { samples, s, layer, group, data }),
      ]).flat();
    });
    const columns = [...seen, seen[0]!.map(() => 1)];
    return Float64Array.from(columns.flatMap((a) => columns.map((b) => a.reduce((sum, v, i) => sum + v * b[i]!, 0) / a.length)));
  });
}

interface Row {
  readonly samples: Samples;
  readonly s: number;
  readonly layer: WeightLayer;
  readonly group: number;
  readonly data: Float64Array;
}

/** All places of the first row of a group. */
function outputRow(model: Model, { samples, s, layer, group, data }: Row): number[] {
  const feeds = new Map([...samples.feeds(s, 1)].map(([name, t]) => [name, toRef(t)]));
  feeds.set(layer.weight, { ...toRef(model.graph.initializers.get(layer.weight)!), data });
  const { dims, data: all } = evaluate(model.graph, opset, feeds).get(layer.node)!;
  const row = (group * layer.rows) / layer.groups;
  if (layer.op === 'Conv') {
    const places = sizeOf(dims.slice(2));
    return [...all.slice(row * places, (row + 1) * places)];
  }
  const run = layer.readers[0]!.inputs[0] === layer.weight ? dims.at(-1)! : 1;
  return [...all].filter((_, i) => Math.floor(i / run) % layer.rows === row);
}
