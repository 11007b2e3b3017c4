/** Every parametrization, by kind. A new one is a file, a line in the union of states and a line in the list. */
import { type DenseState, dense } from './dense.js';
import type { Parametrization } from './parametrization.js';
import { type RatedState, rated } from './rated.js';
import { type SharedState, shared } from './shared.js';
import { type SparseState, sparse } from './sparse.js';

export type WeightState = DenseState | RatedState | SharedState | SparseState;

export const parametrizations: { readonly [K in WeightState['kind']]: Parametrization<Extract<WeightState, { kind: K }>> } = {
  dense,
  rated,
  shared,
  sparse,
};

/** The parametrization of a state, typed so that the state can be handed to it. */
export const parametrizationOf = <S extends WeightState>(state: S): Parametrization<S> =>
  parametrizations[state.kind] as unknown as Parametrization<S>;
