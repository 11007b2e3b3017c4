/** What an optimizer owes: its state per parameter, and the nodes that make the new parameter from the old one and its gradient. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';

export interface Update {
  readonly param: Value;
  readonly grad: Value;
  /** One value per slot, of the parameter's shape, zero at the start. */
  readonly state: readonly Value[];
  /** The learning rate, a scalar. */
  readonly rate: Value;
  /** Scalars that change with the step, in the order of `scalars`. */
  readonly scalars: readonly Value[];
}

export interface Optimizer {
  /** As a recipe names it. */
  readonly name: string;
  readonly slots: readonly string[];
  readonly scalars: readonly string[];
  /** Values of `scalars` at a step, counted from 1. */
  scalarsAt(step: number): readonly number[];
  update(op: Builder, u: Update): { readonly param: Value; readonly state: readonly Value[] };
}
