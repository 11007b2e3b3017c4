/** Where the bytes of a model file are: a tree by the parts of the tensors' names, with bits, zeros and coders. Runs nothing. */
import { byteSize, type DType, sizeOf } from '../base/tensor.js';
import { zerosOf } from './density.js';
import { type ModelSource, type OpenedModel, openModel } from './model-source.js';

export interface SizeNode {
  /** The part of the name below that of the parent. */
  readonly name: string;
  /** In the file, those of all below. */
  readonly bytes: number;
  /** Of the file, 0 … 1. */
  readonly share: number;
  readonly weights: number;
  readonly bitsPerWeight: number;
  /** Share of the weights that are zero. */
  readonly sparsity: number;
  /** Of one tensor: its type, its shape, and what the file keeps of it. */
  readonly tensor?: {
    readonly name: string;
    readonly dtype: DType;
    readonly dims: readonly number[];
    readonly parametrization: string;
    readonly coder: string;
  };
  /** By their bytes, the largest first. */
  readonly children: readonly SizeNode[];
}

export interface Analysis {
  readonly format: 'onnx' | 'pith';
  readonly network: string;
  readonly bytes: number;
  readonly hash: string;
  /** The whole file: tensors, and what is beside them. */
  readonly tree: SizeNode;
}

/** Throws what opening the file throws. */
export async function analyze(source: ModelSource): Promise<Analysis> {
  const opened = await openModel(source);
  const { format, name, bytes, hash } = opened;
  const leaves = leavesOf(opened);
  const tensorBytes = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
  const rest = restOf(opened, tensorBytes);
  const tree = grown(name, [...leaves, ...rest], Math.max(bytes, tensorBytes));
  return { format, network: name, bytes, hash, tree };
}

interface Leaf {
  readonly path: readonly string[];
  readonly bytes: number;
  readonly weights: number;
  readonly zeros: number;
  readonly tensor?: SizeNode['tensor'];
}

function leavesOf({ model, pith }: OpenedModel): Leaf[] {
  const sizes = new Map(pith?.report.tensors.map((t) => [t.name, t]));
  return [...model.graph.initializers].map(([name, tensor]) => {
    const { dtype, dims } = tensor;
    const size = sizes.get(name);
    const { parametrization, coder } = size ?? { parametrization: 'dense', coder: 'none' };
    return {
      path: partsOf(name),
      bytes: size?.bytes ?? byteSize(dtype, dims),
      weights: sizeOf(dims),
      zeros: zerosOf(tensor),
      tensor: { name, dtype, dims, parametrization, coder },
    };
  });
}

/** What is no tensor: sections of a .pith file, all else of an ONNX file. */
function restOf({ pith, bytes }: OpenedModel, tensorBytes: number): Leaf[] {
  const part = (name: string, size: number): Leaf => ({ path: [name], bytes: size, weights: 0, zeros: 0 });
  if (!pith) return bytes > tensorBytes ? [part('(graph)', bytes - tensorBytes)] : [];
  const parts = pith.report.sections.filter(({ kind }) => kind !== 'tensors').map(({ kind, bytes: size }) => part(`(${kind})`, size));
  const left = bytes - tensorBytes - parts.reduce((sum, p) => sum + p.bytes, 0);
  return left > 0 ? [...parts, part('(between tensors)', left)] : parts;
}

/** `layer1.0.conv1.weight` and `/layer1/0/conv1/weight` are the same tree; each part keeps the sign that stands before it. */
const partsOf = (name: string): string[] => name.match(/[/.]?[^/.]+|[/.]+$/g) ?? [name];

function grown(name: string, leaves: readonly Leaf[], fileBytes: number, tensor?: SizeNode['tensor']): SizeNode {
  const sum = (of: (leaf: Leaf) => number): number => leaves.reduce((total, leaf) => total + of(leaf), 0);
  const bytes = sum((leaf) => leaf.bytes);
  const weights = sum((leaf) => leaf.weights);
  const branches = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const [first, ...path] = leaf.path;
    if (first === undefined) continue;
    const below = { ...leaf, path };
    const known = branches.get(first);
    if (known) known.push(below);
    else branches.set(first, [below]);
  }
  const children = [...branches].map(([part, below]) => branch(part, below, fileBytes)).sort((a, b) => b.bytes - a.bytes);
  return {
    name,
    bytes,
    share: fileBytes === 0 ? 0 : bytes / fileBytes,
    weights,
    bitsPerWeight: weights === 0 ? 0 : (8 * bytes) / weights,
    sparsity: weights === 0 ? 0 : sum((leaf) => leaf.zeros) / weights,
    ...(tensor && { tensor }),
    children,
  };
}

/** A branch without a fork is one node. */
function branch(part: string, leaves: readonly Leaf[], fileBytes: number): SizeNode {
  let name = part;
  let below = leaves;
  for (let next = onlyNext(below); next !== undefined; next = onlyNext(below)) {
    name += next;
    below = below.map((leaf) => ({ ...leaf, path: leaf.path.slice(1) }));
  }
  const here = below.find((leaf) => leaf.path.length === 0);
  return grown(name.replace(/^[/.](?=.)/, ''), below, fileBytes, here?.tensor);
}

const onlyNext = (leaves: readonly Leaf[]): string | undefined => {
  const next = leaves[0]?.path[0];
  return leaves.every((leaf) => leaf.path[0] === next) ? next : undefined;
};
