/**
 * What is different between two models, of an ONNX or a .pith file each: interface, nodes, tensors with the size of the change, bytes.
 * Tensors are matched by name, nodes by operator, weight and order. Reads and computes; runs nothing.
 */
import { bytesOf, type DType, type Model, sizeOf, type Tensor } from '../base/tensor.js';
import { toRef } from '../ops/ref.js';
import { type ChangedNode, changedNodes } from './diff-nodes.js';
import { type ModelSource, type OpenedModel, openModel } from './model-source.js';

export interface DiffSide {
  readonly format: 'onnx' | 'pith';
  readonly network: string;
  readonly bytes: number;
  readonly hash: string;
  readonly nodes: number;
  readonly tensors: number;
}

/** Something of the model as a whole, as text on both sides. */
export interface ChangedFact {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

export interface ChangedTensor {
  readonly change: 'added' | 'removed' | 'type' | 'values';
  readonly name: string;
  readonly a: TensorSide | undefined;
  readonly b: TensorSide | undefined;
  /** Of changed values. */
  readonly error?: TensorError;
}

export interface TensorSide {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** In the file. */
  readonly bytes: number;
}

export interface TensorError {
  /** Root of the summed squares of the change over that of the first tensor. */
  readonly relative: number;
  readonly largest: number;
  readonly cosine: number;
}

export interface Difference {
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** Nothing that computes is different; names and metadata may be. */
  readonly same: boolean;
  readonly facts: readonly ChangedFact[];
  readonly nodes: readonly ChangedNode[];
  readonly tensors: readonly ChangedTensor[];
  /** Tensors that are the same bit for bit. */
  readonly sameTensors: number;
}

/** Throws what opening the files throws. */
export async function diff(first: ModelSource, second: ModelSource): Promise<Difference> {
  const a = await openModel(first);
  return difference(a, await openModel(second));
}

export function difference(a: OpenedModel, b: OpenedModel): Difference {
  const facts = changedFacts(a.model, b.model);
  const nodes = changedNodes(a.model.graph, b.model.graph);
  const { changed: tensors, same: sameTensors } = changedTensors(a, b);
  const functional = facts.filter(({ what }) => !what.startsWith('metadata') && !what.startsWith('producer'));
  return {
    a: sideOf(a),
    b: sideOf(b),
    same: functional.length === 0 && nodes.length === 0 && tensors.length === 0,
    facts,
    nodes,
    tensors,
    sameTensors,
  };
}

const sideOf = ({ format, name, bytes, hash, model }: OpenedModel): DiffSide => ({
  format,
  network: name,
  bytes,
  hash,
  nodes: model.graph.nodes.length,
  tensors: model.graph.initializers.size,
});

function changedFacts(a: Model, b: Model): ChangedFact[] {
  const facts = (m: Model): Map<string, string> =>
    new Map([
      ['ir version', String(m.irVersion)],
      ['producer', `${m.producerName} ${m.producerVersion}`.trim()],
      ...[...m.opsets].map(([domain, version]) => [`opset of ${domain || 'ai.onnx'}`, String(version)] as const),
      ...(['inputs', 'outputs'] as const).flatMap((side) =>
        m.graph[side].map(
          (v) => [`${side.slice(0, -1)} ${v.name}`, `${v.dtype ?? 'other'} [${v.dims?.map((d) => d ?? '?') ?? '?'}]`] as const,
        ),
      ),
      ['functions', String(m.functions.length)],
      ...[...m.metadata].map(([key, value]) => [`metadata ${key}`, value] as const),
    ]);
  const [of, to] = [facts(a), facts(b)];
  return [...new Set([...of.keys(), ...to.keys()])]
    .filter((what) => of.get(what) !== to.get(what))
    .map((what) => ({ what, a: of.get(what) ?? 'none', b: to.get(what) ?? 'none' }));
}

function changedTensors(a: OpenedModel, b: OpenedModel): { changed: ChangedTensor[]; same: number } {
  const [of, to] = [a, b].map(tensorSides) as [ReturnType<typeof tensorSides>, ReturnType<typeof tensorSides>];
  const changed: ChangedTensor[] = [];
  let same = 0;
  for (const name of new Set([...of.keys(), ...to.keys()])) {
    const [before, now] = [of.get(name), to.get(name)];
    const sides = { name, a: before?.side, b: now?.side };
    if (!before || !now) changed.push({ change: now ? 'added' : 'removed', ...sides });
    else if (before.tensor.dtype !== now.tensor.dtype || before.tensor.dims.join() !== now.tensor.dims.join())
      changed.push({ change: 'type', ...sides });
    else if (Buffer.compare(bytesOf(before.tensor), bytesOf(now.tensor)) === 0) same++;
    else changed.push({ change: 'values', ...sides, ...errorOf(before.tensor, now.tensor) });
  }
  return { changed, same };
}

function tensorSides({ model, pith }: OpenedModel): Map<string, { tensor: Tensor; side: TensorSide }> {
  const sizes = new Map(pith?.report.tensors.map((t) => [t.name, t.bytes]));
  return new Map(
    [...model.graph.initializers].map(([name, tensor]) => {
      const { dtype, dims } = tensor;
      return [name, { tensor, side: { dtype, dims, bytes: sizes.get(name) ?? tensor.data.byteLength } }];
    }),
  );
}

/** Types that have no arithmetic here (4 and 8 bits packed or floating) are only said to be different. */
function errorOf(a: Tensor, b: Tensor): { readonly error?: TensorError } {
  if (/^u?int4$|^float8/.test(a.dtype)) return {};
  const [before, now] = [numbersOf(a), numbersOf(b)];
  let [xx, yy, xy, dd, largest] = [0, 0, 0, 0, 0];
  for (let i = 0, n = sizeOf(a.dims); i < n; i++) {
    const x = before[i]!;
    const y = now[i]!;
    const d = x === y ? 0 : x - y; // infinity − infinity is no change
    xx += x * x;
    yy += y * y;
    xy += x * y;
    dd += d * d;
    if (Math.abs(d) > largest) largest = Math.abs(d);
  }
  return { error: { relative: Math.sqrt(dd / xx), largest, cosine: xy / Math.sqrt(xx * yy) } };
}

const numbersOf = (tensor: Tensor): ArrayLike<number> =>
  tensor.data instanceof Float32Array || tensor.data instanceof Float64Array ? tensor.data : toRef(tensor).data;
