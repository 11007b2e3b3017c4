/**
 * Kept weights as assembly/kernels/sparse.ts reads them: offset and value, offset and cluster, or offsets alone, first of what is subtracted.
 * Rows are ordered by how many weights they keep. Offsets follow from the shape and are written when it is known.
 */
import { PithError } from '../errors.js';
import type { ConvShape, LinearShape } from './choice.js';
import type { Layer } from './layer.js';
import type { Machine } from './machine.js';
import type { Rows } from './weights.js';

/** Pointers, but for `kind` and `columns`. */
export interface Entries {
  readonly kind: number;
  /** What all weights share: the codebook, or the ratio of the two values. */
  readonly values: number;
  readonly order: number;
  readonly starts: number;
  readonly entries: number;
  /** One for each row; not read where each weight has a value of its own. */
  readonly scale: number;
  /** Where each weight looks, as a column of its row; in the order of the entries. */
  readonly columns: Uint32Array;
}

type AnyLayer = Layer<ConvShape> | Layer<LinearShape>;

export interface EntryForm {
  /** Such as `sparse`, behind `conv-` or `linear-`. */
  readonly name: string;
  /** Bytes of an entry. */
  readonly bytes: number;
  /** Of a multiply-add, measured: bench/results/kernels.md. */
  readonly nanoseconds: number;
  fits(layer: AnyLayer): boolean;
  /** The order is one of each group of `perGroup` rows. Throws `limit.memory`. */
  put(machine: Machine, layer: AnyLayer, perGroup: number): Entries;
}

interface Ordered {
  readonly order: Int32Array;
  readonly starts: Int32Array;
  /** For each entry, which weight it is. */
  readonly source: Uint32Array;
}

/** Within a group the rows that keep fewer weights come first. */
function ordered({ starts: from }: Rows, perGroup: number): Ordered {
  const count = from.length - 1;
  const lengthOf = (row: number): number => from[row + 1]! - from[row]!;
  const out = { order: new Int32Array(count), starts: new Int32Array(count + 1), source: new Uint32Array(from[count]!) };
  let to = 0;
  for (let first = 0; first < count; first += perGroup) {
    const group = Array.from({ length: perGroup }, (_, i) => i).sort((a, b) => lengthOf(first + a) - lengthOf(first + b) || a - b);
    group.forEach((row, i) => {
      out.order[first + i] = row;
      for (let e = from[first + row]!; e < from[first + row + 1]!; e++) out.source[to++] = e;
      out.starts[first + i + 1] = to;
    });
  }
  return out;
}

const columnsOf = ({ columns }: Rows, source: Uint32Array): Uint32Array => source.map((e) => columns[e]!);

function putScale(machine: Machine, { epilogue: { scale }, shape: { outputs } }: AnyLayer, by = 1): number {
  return machine.put(scale ? scale.map((s) => s * by) : new Float32Array(outputs).fill(by));
}

const floats: EntryForm = {
  name: 'sparse',
  bytes: 8,
  nanoseconds: 0.11,
  fits: () => true,
  put(machine, layer, perGroup) {
    const rows = layer.rows();
    const { order, starts, source } = ordered(rows, perGroup);
    const values = new Float32Array(2 * source.length);
    for (let i = 0; i < source.length; i++) values[2 * i + 1] = rows.values[source[i]!]!;
    return {
      kind: 0,
      values: 0,
      order: machine.put(order),
      starts: machine.put(starts),
      entries: machine.put(values),
      scale: 0,
      columns: columnsOf(rows, source),
    };
  },
};

const shared: EntryForm = {
  name: 'sparse-shared',
  bytes: 4,
  nanoseconds: 0.112,
  fits: (layer) => layer.codebook !== undefined,
  put(machine, layer, perGroup) {
    const { codebook, clusters, rows } = layer.palette!;
    const { order, starts, source } = ordered(rows, perGroup);
    return {
      kind: 1,
      values: machine.put(codebook),
      order: machine.put(order),
      starts: machine.put(starts),
      entries: machine.put(Uint32Array.from(source, (e) => clusters[e]!)),
      scale: putScale(machine, layer),
      columns: columnsOf(rows, source),
    };
  },
};

/** One value above zero and one below, each at most once. */
function signedValues(layer: AnyLayer): { positive: number; negative: number } | undefined {
  const { codebook } = layer;
  if (!codebook || codebook.length > 2 || codebook.length === 0) return undefined;
  const [positive, negative] = [codebook.filter((v) => v > 0), codebook.filter((v) => v < 0)];
  if (positive.length > 1 || negative.length > 1) return undefined;
  return { positive: positive[0] ?? -negative[0]!, negative: negative[0] ?? -positive[0]! };
}

const signed: EntryForm = {
  name: 'sparse-ternary',
  bytes: 4,
  nanoseconds: 0.09,
  fits: (layer) => signedValues(layer) !== undefined,
  put(machine, layer, perGroup) {
    const { codebook, clusters, rows } = layer.palette!;
    const { positive, negative } = signedValues(layer)!;
    const { order, starts, source } = ordered(rows, perGroup);
    const parts = new Int32Array(2 * order.length + 1);
    const sorted = new Uint32Array(source.length);
    let to = 0;
    for (let r = 0; r < order.length; r++)
      for (const above of [false, true]) {
        for (let i = starts[r]!; i < starts[r + 1]!; i++) if (codebook[clusters[source[i]!]!]! > 0 === above) sorted[to++] = source[i]!;
        parts[2 * r + (above ? 2 : 1)] = to;
      }
    return {
      kind: 2,
      values: machine.put(Float32Array.of(-negative / positive)),
      order: machine.put(order),
      starts: machine.put(parts),
      entries: machine.allocate(4 * source.length),
      scale: putScale(machine, layer, positive),
      columns: columnsOf(rows, sorted),
    };
  },
};

export const entryForms: readonly EntryForm[] = [floats, shared, signed];

/** Offsets of `shared` have so many bits, in numbers. */
const sharedLimit = 2 ** 24;

/** `offsets` of each column, in bytes. Throws `limit.shape` where an offset has no room in its entry. */
export function writeOffsets(machine: Machine, { kind, entries, columns }: Entries, offsets: Float64Array): void {
  const words = machine.words(entries, (kind === 0 ? 2 : 1) * columns.length);
  if (kind === 0) for (let i = 0; i < columns.length; i++) words[2 * i] = offsets[columns[i]!]!;
  else if (kind === 2) for (let i = 0; i < columns.length; i++) words[i] = offsets[columns[i]!]!;
  else
    for (let i = 0; i < columns.length; i++) {
      const at = offsets[columns[i]!]! / 4;
      if (at >= sharedLimit)
        throw new PithError('limit.shape', {
          expected: 'activations below 64 MiB',
          got: `${4 * at} bytes and more`,
          fix: 'run smaller inputs',
        });
      words[i] = (at << 8) | (words[i]! & 255);
    }
}
