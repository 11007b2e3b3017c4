/**
 * Where each array stands in the flat vectors that workers share. The update knows only long vectors: one of all weights that decay, one
 * of all other parameters, and more of both where learning rates differ. Each worker updates an equal slice of each, whatever the shapes
 * of the layers. Lengths are filled up with zeros, which every optimizer leaves zero.
 */
import { sizeOf } from '../../base/tensor.js';

/** An array inside a flat vector. */
export interface Piece {
  readonly name: string;
  readonly dims: readonly number[];
  /** In numbers from the start of the vector. */
  readonly at: number;
  readonly size: number;
}

/** Parameters that are updated alike, a run inside the vector of all parameters. */
export interface Group {
  readonly name: string;
  readonly decays: boolean;
  readonly rateFactor: number;
  readonly at: number;
  readonly size: number;
}

export interface Layout {
  /** One after the other, filling the vector; each is a multiple of the number of shards. */
  readonly groups: readonly Group[];
  readonly pieces: readonly Piece[];
  readonly size: number;
}

export interface ArrayToPlace {
  readonly name: string;
  readonly dims: readonly number[];
  readonly decays: boolean;
  /** Its learning rate over that of the others. */
  readonly rateFactor: number;
}

/** Numbers of a cache line: slices of two workers share none. */
const line = 16;

export function layoutOf(arrays: readonly ArrayToPlace[], shards: number): Layout {
  const groups: Group[] = [];
  const pieces: Piece[] = [];
  let end = 0;
  for (const decays of [true, false]) {
    const alike = arrays.filter((a) => a.decays === decays);
    for (const rateFactor of new Set(alike.map((a) => a.rateFactor))) {
      const at = end;
      for (const { name, dims } of alike.filter((a) => a.rateFactor === rateFactor)) end = place(pieces, end, name, dims);
      const unit = line * shards;
      end = at + Math.ceil((end - at) / unit) * unit;
      const name = decays ? 'decaying' : 'other';
      groups.push({ name: rateFactor === 1 ? name : `${name}/${rateFactor}`, decays, rateFactor, at, size: end - at });
    }
  }
  return { groups, pieces, size: end };
}

/** Arrays one after the other, each at the start of a cache line; the size of all. */
export function inLine(arrays: readonly { readonly name: string; readonly dims: readonly number[] }[]): { pieces: Piece[]; size: number } {
  const pieces: Piece[] = [];
  const size = arrays.reduce((end, { name, dims }) => place(pieces, end, name, dims), 0);
  return { pieces, size };
}

function place(pieces: Piece[], at: number, name: string, dims: readonly number[]): number {
  const size = sizeOf(dims);
  pieces.push({ name, dims, at, size });
  return at + Math.ceil(size / line) * line;
}

/** The part of a group that one shard updates. */
export function sliceOf(group: Group, shard: number, shards: number): { readonly at: number; readonly size: number } {
  const size = group.size / shards;
  return { at: group.at + shard * size, size };
}
