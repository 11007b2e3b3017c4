/**
 * Weights as products of two thin matrices, cut off after the largest singular values (Denton et al., "Exploiting Linear Structure Within
 * Convolutional Networks for Efficient Evaluation", 2014). The product stands in the graph, where constants are folded when it is loaded:
 * the file is smaller, what is computed stays the same.
 */
import { type Model, type NodeData, sizeOf, type Tensor } from '../base/tensor.js';
import { type Svd, svd } from './svd.js';

/** Layers whose smaller side is wider are kept: their singular values would take minutes. */
const widest = 1024;

/**
 * `weights`: names of float32 initializers, seen as matrices of their first axis and all others. What it gives makes the model that keeps
 * about that share of all their numbers: singular values are taken by what they are of their matrix for each number that they cost.
 * A weight that its factors would not make smaller is kept as it is.
 */
export function lowRanks(model: Model, weights: readonly string[]): (share: number) => Model {
  let layers: readonly Layer[] | undefined;
  return (share) => {
    layers ??= weights.flatMap((name) => layerOf(name, model.graph.initializers.get(name)!));
    return factored(model, layers, ranksFor(layers, share));
  };
}

interface Layer extends Svd {
  readonly name: string;
  readonly dims: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

function layerOf(name: string, { dims, data }: Tensor): Layer[] {
  const rows = dims[0] ?? 1;
  const columns = sizeOf(dims) / Math.max(1, rows);
  if (Math.min(rows, columns) > widest || sizeOf(dims) === 0) return [];
  return [{ name, dims, rows, columns, ...svd(data as Float32Array, rows, columns) }];
}

/** One at least for each. */
function ranksFor(layers: readonly Layer[], share: number): number[] {
  const worth = layers.flatMap(({ values, rows, columns }, layer) => {
    const all = values.reduce((sum, v) => sum + v * v, 0) || 1;
    return Array.from(values, (v, k) => ({ layer, k, worth: (v * v) / all / (rows + columns) }));
  });
  const ranks = layers.map(() => 1);
  const cost = (layer: number): number => Math.min(ranks[layer]! * sidesOf(layers[layer]!), sizeOf(layers[layer]!.dims));
  let left = share * layers.reduce((sum, { dims }) => sum + sizeOf(dims), 0) - layers.reduce((sum, _, i) => sum + cost(i), 0);
  for (const { layer, k } of worth.filter(({ k }) => k > 0).sort((a, b) => b.worth - a.worth || a.layer - b.layer || a.k - b.k)) {
    const before = cost(layer);
    ranks[layer] = k + 1;
    left -= cost(layer) - before;
    if (left < 0) {
      ranks[layer] = k;
      break;
    }
  }
  return ranks;
}

const sidesOf = ({ rows, columns }: Layer): number => rows + columns;

function factored(model: Model, layers: readonly Layer[], ranks: readonly number[]): Model {
  const initializers = new Map(model.graph.initializers);
  const nodes: NodeData[] = [];
  for (const [i, layer] of layers.entries()) {
    const { name, dims, rows, columns } = layer;
    const rank = ranks[i]!;
    if (rank * sidesOf(layer) >= rows * columns) continue;
    const [left, right] = factors(layer, rank);
    initializers.delete(name);
    initializers.set(`${name}/left`, { dtype: 'float32', dims: [rows, rank], data: left });
    initializers.set(`${name}/right`, { dtype: 'float32', dims: [rank, columns], data: right });
    const flat = dims.length === 2 ? name : `${name}/matrix`;
    nodes.push(node('MatMul', [`${name}/left`, `${name}/right`], flat));
    if (flat === name) continue;
    initializers.set(`${name}/dims`, dimsTensor(dims));
    nodes.push(node('Reshape', [flat, `${name}/dims`], name));
  }
  const inputs = model.graph.inputs.filter((input) => initializers.has(input.name) || !model.graph.initializers.has(input.name));
  return { ...model, graph: { ...model.graph, inputs, nodes: [...nodes, ...model.graph.nodes], initializers } };
}

const node = (op: string, inputs: readonly string[], output: string): NodeData => ({
  ...{ op, domain: '', name: output, inputs, outputs: [output], attributes: new Map() },
});

const dimsTensor = (dims: readonly number[]): Tensor => ({ dtype: 'int64', dims: [dims.length], data: BigInt64Array.from(dims, BigInt) });

/** [rows, rank] and [rank, columns]; each takes the root of the singular values. */
function factors({ values, left, right, rows, columns }: Layer, rank: number): [Float32Array, Float32Array] {
  const a = new Float32Array(rows * rank);
  const b = new Float32Array(rank * columns);
  for (let k = 0; k < rank; k++) {
    const root = Math.sqrt(values[k]!);
    for (let r = 0; r < rows; r++) a[r * rank + k] = root * left[k * rows + r]!;
    for (let c = 0; c < columns; c++) b[k * columns + c] = root * right[k * columns + c]!;
  }
  return [a, b];
}
