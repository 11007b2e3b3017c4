/**
 * Which tensors of a model may change, and why: a rule and a sentence for each. Weights are rounded (`quantize`), vectors that are added
 * or multiplied once are kept nearly as they are (`near`: about 16 bits each), everything else bit for bit (`exact`). Where several
 * nodes read a tensor, the strictest of their rules holds. `liftConstants` makes initializers of weights that stand elsewhere.
 */
import { reads } from '../base/order.js';
import { type DType, type GraphData, type Model, type NodeData, sizeOf, type Tensor } from '../base/tensor.js';
import type { WeightLayer } from '../calibrate/layer.js';
import { type Contents, contentsOf } from './contents.js';
import { type Role, roleOf } from './roles.js';
import { tiesOf } from './ties.js';
import { type Use, type Uses, usesOf } from './uses.js';
import { plainView, type View, viewOf } from './view.js';

export type Rule = 'quantize' | 'near' | 'exact';

export interface InventoryRow {
  readonly name: string;
  /** null: of a type that pith keeps as it came (strings, sparse tensors). */
  readonly dtype: DType | null;
  readonly dims: readonly number[];
  readonly elements: number;
  /** `graph`: it is no initializer of the main graph, and stays where it is. */
  readonly place: 'initializer' | 'graph';
  readonly rule: Rule;
  readonly because: string;
  /** Of a tensor that is rounded. */
  readonly view?: View;
  /** Where the inputs that it is multiplied with can be looked at. */
  readonly layer?: WeightLayer;
  /** An earlier initializer with the same contents, bit for bit. */
  readonly tiedTo?: string;
  /** How many different values a float tensor holds; absent above 1,024. */
  readonly distinct?: number;
}

export type Inventory = readonly InventoryRow[];

/** Below this a weight is small, and a matrix is not worth rounding. */
const leastOfMatrix = 64;
const leastOfVector = 16;

/** So few values are no weights of a network that was trained as usual. */
const fewValues = 16;

/** Rows in the order in which nodes first read the tensors, then those that nobody reads, then those that are no initializers. */
export function inventory(model: Model): Inventory {
  const { graph } = model;
  const uses = usesOf(model);
  const readers = readersOf(graph);
  const ties = tiesOf(graph.initializers);
  const names = new Set([...uses.of.keys(), ...graph.initializers.keys()]);
  const rows = [...names].map((name): InventoryRow => {
    const tensor = graph.initializers.get(name)!;
    const tied = ties.get(name);
    return { ...rowOf(name, tensor, { uses, readers, graph }), ...(tied === undefined ? {} : { tiedTo: tied }) };
  });
  return [...rows, ...opaqueRows(graph), ...rowsInside(graph)];
}

const floats: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];

interface Verdict {
  readonly rule: Rule;
  readonly because: string;
}

interface Look {
  readonly uses: Uses;
  readonly readers: ReadonlyMap<string, readonly NodeData[]>;
  readonly graph: GraphData;
}

function readersOf(graph: GraphData): Map<string, NodeData[]> {
  const readers = new Map<string, NodeData[]>();
  for (const node of graph.nodes)
    for (const name of new Set(reads(node))) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  return readers;
}

function rowOf(name: string, tensor: Tensor, look: Look): InventoryRow {
  const { dtype, dims } = tensor;
  const elements = sizeOf(dims);
  const row = { name, dtype, dims, elements, place: 'initializer' } as const;
  if (!floats.includes(dtype)) return { ...row, rule: 'exact', because: integersAre(dtype) };
  const contents = contentsOf(tensor);
  const given = look.uses.of.get(name) ?? [];
  const { rule, because } = strictest(elements, dims, contents, given, look.uses.outputs.has(name));
  const distinct = contents.distinct === undefined ? {} : { distinct: contents.distinct };
  if (rule !== 'quantize') return { ...row, rule, because, ...distinct };
  const layer = layerOf(name, given, look);
  const view = given.map(viewOf).find((v) => v !== undefined) ?? plainView(dims);
  return { ...row, rule, because, view: layer ?? view, ...(layer ? { layer } : {}), ...distinct };
}

const integersAre = (dtype: DType): string => {
  if (dtype === 'bool') return 'truth values are kept';
  if (dtype.startsWith('float8')) return 'quantized already: its eight bits are kept';
  return ['int8', 'uint8', 'int4', 'uint4'].includes(dtype)
    ? 'quantized already: its integers are kept'
    : 'whole numbers (shapes, indices) are kept';
};

function strictest(elements: number, dims: readonly number[], contents: Contents, uses: readonly Use[], isOutput: boolean): Verdict {
  const exact = (because: string): Verdict => ({ rule: 'exact', because });
  if (elements === 0) return exact('has no elements');
  if (elements === 1) return exact('a scalar');
  if (!contents.finite) return exact('holds NaN or infinity');
  if (contents.distinct === 1) return exact('all its elements are equal');
  if (contents.huge) return exact('holds numbers near the largest of their type');
  if (contents.tiny) return exact('holds numbers that are smaller than any step');
  if (isOutput) return exact('is an output of the model');
  const isMatrix = dims.filter((d) => d !== 1).length > 1;
  if (uses.length === 0)
    return isMatrix && elements >= leastOfMatrix
      ? { rule: 'quantize', because: 'no node reads it' }
      : exact('no node reads it, and it is small');
  const verdicts = uses.map((use) => verdictOf(use, elements, isMatrix, contents));
  return verdicts.find((v) => v.rule === 'exact') ?? verdicts.find((v) => v.rule === 'near') ?? verdicts[0]!;
}

const nameOf = ({ node: { op, name, outputs } }: Use): string => `${op} "${name || (outputs[0] ?? '')}"`;

const words: Readonly<Record<Role, string>> = {
  weight: 'weight',
  embedding: 'table',
  bias: 'bias',
  vector: 'scale, shift or start',
  statistic: 'statistic',
  scale: 'step',
  constant: 'constant',
  unknown: 'tensor',
};

function verdictOf(use: Use, elements: number, isMatrix: boolean, { distinct }: Contents): Verdict {
  const role = roleOf(use);
  const what = `${words[role]} of ${nameOf(use)}`;
  const small: Verdict = { rule: 'exact', because: `${what}, and small` };
  const near: Verdict = elements < leastOfVector ? small : { rule: 'near', because: what };
  const round: Verdict = elements < leastOfMatrix ? small : { rule: 'quantize', because: what };
  const few: Verdict = { rule: 'exact', because: `${what}, of few values` };
  switch (role) {
    case 'weight':
      return round;
    case 'embedding':
      return isMatrix ? round : near;
    case 'bias':
      if (!isMatrix) return near;
      return isFew(distinct) ? few : round;
    case 'vector':
      return near;
    case 'constant':
      return isFew(distinct) ? few : near;
    case 'statistic':
      return { rule: 'exact', because: `${what}: what is divided by it would change with it` };
    case 'scale':
      return { rule: 'exact', because: `${what}, which quantized numbers are multiplied by` };
    case 'unknown':
      if (isMatrix) return round;
      return { rule: 'exact', because: `${what}, an operator that pith does not know` };
    default:
      return role satisfies never;
  }
}

const isFew = (distinct: number | undefined): boolean => distinct !== undefined && distinct <= fewValues;

/** Of the first use that multiplies values that can be looked at from the left; a look-up where there is none. */
function layerOf(weight: string, uses: readonly Use[], look: Look): WeightLayer | undefined {
  const open = uses
    .filter((use) => !use.inside && (use.input > 0 || use.node.op === 'Gather'))
    .flatMap((use) => {
      const view = viewOf(use);
      return view ? [{ use, view }] : [];
    });
  const found = open.find(({ use }) => roleOf(use) === 'weight') ?? open[0];
  if (!found) return undefined;
  const { use, view } = found;
  const bias = biasOf(use, view.rows, look);
  const readers = [...new Set(uses.map(({ node }) => node))];
  return {
    weight,
    op: use.node.op,
    node: use.node.outputs.find((o) => o !== '') ?? '',
    readers,
    ...(bias === undefined ? {} : { bias }),
    ...view,
  };
}

/** The initializer that is added to each row's output: the operator's own, or that of the only node behind a MatMul, an Add. */
function biasOf({ node, input }: Use, rows: number, { readers, graph }: Look): string | undefined {
  const isVector = (name: string): boolean => {
    const tensor = graph.initializers.get(name);
    return tensor !== undefined && sizeOf(tensor.dims) === rows && tensor.dims.at(-1) === rows;
  };
  const own = node.inputs[2] ?? '';
  if (['Conv', 'FusedConv', 'Gemm', 'FusedGemm', 'Attention', 'GemmFastGelu'].includes(node.op))
    return input === 1 && isVector(own) ? own : undefined;
  if (node.op !== 'MatMul' || input !== 1) return undefined;
  const [output = ''] = node.outputs;
  const [add, ...others] = readers.get(output) ?? [];
  if (others.length > 0 || add?.op !== 'Add' || graph.outputs.some((v) => v.name === output)) return undefined;
  return add.inputs.find((name) => name !== output && isVector(name));
}

const opaqueRows = (graph: GraphData): InventoryRow[] =>
  [...graph.opaqueInitializers].map(([name, { sparse }]) => ({
    name,
    dtype: null,
    dims: [],
    elements: 0,
    place: 'graph' as const,
    rule: 'exact' as const,
    because: sparse ? 'a sparse tensor is kept as it came' : 'of a type that is kept as it came',
  }));

/** Tensors of Constant nodes and of graphs inside nodes. */
function rowsInside(graph: GraphData): InventoryRow[] {
  const row = (name: string, { dtype, dims }: Tensor): InventoryRow => ({
    name,
    dtype,
    dims,
    elements: sizeOf(dims),
    place: 'graph',
    rule: 'exact',
    because: 'stands in the graph, and is small or tied to it',
  });
  const ofNode = (node: NodeData): InventoryRow[] =>
    [...node.attributes.values()].flatMap((attribute) => {
      if (attribute.kind === 'tensor') return [row(node.outputs[0] ?? node.name, attribute.value)];
      const graphs = attribute.kind === 'graph' ? [attribute.value] : attribute.kind === 'graphs' ? attribute.value : [];
      return graphs.flatMap((inner) => [
        ...[...inner.initializers].map(([name, t]) => row(name, t)),
        ...opaqueRows(inner),
        ...rowsInside(inner),
      ]);
    });
  return graph.nodes.flatMap(ofNode);
}
