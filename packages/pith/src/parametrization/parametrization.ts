/**
 * A parametrization is a rule that makes a dense weight from fewer or smaller stored values. It says the same thing four times: as nodes
 * of the training graph (so that autodiff brings the gradient to what is stored), as numbers, as what the .pith file stores, and by name.
 */
import type { StoredTensor } from 'pith-runtime';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

/** A weight as it is held: what is trained, and what is fixed while it is trained. */
export interface State {
  readonly kind: string;
  readonly dims: readonly number[];
}

/** A trained array of a state: `conv1.weight/codebook`, float32. */
export interface Trained {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** Its learning rate over that of the others; 1 where absent. */
  readonly rateFactor?: number;
}

export interface Parametrization<S extends State> {
  readonly kind: S['kind'];
  /** The arrays that training changes, in a fixed order. */
  trained(weight: string, state: S): readonly Trained[];
  /** Adds the nodes that make the value `weight` from the trained arrays, which are graph inputs, in the same order. */
  build(op: Builder, weight: string, state: S, trained: readonly Value[]): void;
  /** The state with other trained arrays. */
  withTrained(state: S, data: readonly Float32Array[]): S;
  /** The dense weight, bit for bit what the nodes of `build` compute. */
  dense(state: S): Float32Array;
  /** What the file stores; decoding it gives `dense` again, bit for bit. */
  stored(state: S): StoredTensor;
  /** The fixed arrays by name, for checkpoints. */
  fixed(state: S): Readonly<Record<string, Uint8Array | Uint16Array>>;
  /** A state from what `trained` and `fixed` gave. Throws `input.checkpoint` where an array is missing or does not fit. */
  restore(dims: readonly number[], trained: readonly Float32Array[], fixed: Readonly<Record<string, Uint8Array | Uint16Array>>): S;
}

/** Flat positions, ascending, at which `holds`. */
export function positionsWhere(size: number, holds: (i: number) => boolean): Uint32Array {
  const found: number[] = [];
  for (let i = 0; i < size; i++) if (holds(i)) found.push(i);
  return Uint32Array.from(found);
}
