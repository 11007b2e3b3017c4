/**
 * Kept weights as assembly/kernels/sparse.ts reads them: offset and value, offset and cluster, or offsets alone, first of what is subtracted.
 * Rows are ordered by how many weights they keep. Offsets follow from the shape and are written when it is known.
 */
import { PithError } from '../errors.js';
import type { ConvShape, LinearShape } from './choice.js';
import type { Layer } from './layer.js';
import type { Machine } from './machine.js';
import { ordered, picked } from './ordered-rows.js';

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

function putScale(machine: Machine, { epilogue: { scale }, shape: { outputs } }: AnyLayer, by = 1): number {
  return machine.put(scale ? scale.map((s) => s * by) : new Float32Array(outputs).fill(by));
}

const floats: EntryForm = {
  name: 'sparse',
  bytes: 8,
  nanoseconds: 0.11,
  fits: () => true,
  put(machine, layer, perGroup) {
    const rows = layer.rows(machine);
    const { order, starts, source } = ordered(machine, rows, perGroup);
    const entries = machine.allocate(8 * source.length);
    machine.aside(() => {
      const [values, by] = [machine.put(rows.values), machine.put(source)];
      machine.exports.lookUp(values, by, 4, source.length, entries + 4, 8);
    });
    return {
      kind: 0,
      values: 0,
      order: machine.put(order),
      starts: machine.put(starts),
      entries,
      scale: 0,
      columns: picked(machine, rows.columns, source),
    };
  },
};

const shared: EntryForm = {
  name: 'sparse-shared',
  bytes: 4,
  nanoseconds: 0.112,
  fits: (layer) => layer.codebook !== undefined,
  put(machine, layer, perGroup) {
    const { codebook, clusters } = layer.palette!;
    const rows = layer.rows(machine);
    const { order, starts, source } = ordered(machine, rows, perGroup);
    return {
      kind: 1,
      values: machine.put(codebook),
      order: machine.put(order),
      starts: machine.put(starts),
      entries: machine.put(picked(machine, new Uint32Array(clusters), source)),
      scale: putScale(machine, layer),
      columns: picked(machine, rows.columns, source),
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
    const { codebook, clusters } = layer.palette!;
    const rows = layer.rows(machine);
    const { positive, negative } = signedValues(layer)!;
    const { order, starts, source } = ordered(machine, rows, perGroup);
    const parts = new Int32Array(2 * order.length + 1);
    const sorted = new Int32Array(source.length);
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
      columns: picked(machine, rows.columns, sorted),
    };
  },
};

export const entryForms: readonly EntryForm[] = [floats, shared, signed];

/** Offsets of `shared` have so many bits, in numbers. */
const sharedLimit = 2 ** 24;

/** `offsets` of each column, in bytes. Throws `limit.shape` where an offset has no room in its entry, `limit.memory`. */
export function writeOffsets(machine: Machine, { kind, entries, columns }: Entries, offsets: Uint32Array): void {
  const [shift, kept, step] = kind === 1 ? [6, 255, 4] : [0, 0, kind === 0 ? 8 : 4];
  const largest = machine.aside(() => {
    const [from, by] = [machine.put(columns), machine.put(offsets)];
    return machine.exports.putOffsets(from, columns.length, by, shift, kept, entries, step) >>> 0;
  });
  if (kind === 1 && largest / 4 >= sharedLimit)
    throw new PithError('limit.shape', {
      expected: 'activations below 64 MiB',
      got: `${largest} bytes and more`,
      fix: 'run smaller inputs',
    });
}
