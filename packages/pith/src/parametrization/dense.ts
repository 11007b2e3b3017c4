/** `dense`: every weight is stored and trained. */
import type { Parametrization } from './parametrization.js';

export interface DenseState {
  readonly kind: 'dense';
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export const dense: Parametrization<DenseState> = {
  kind: 'dense',
  trained: (weight, { dims, values }) => [{ name: weight, dims, data: values }],
  build() {}, // the input is the weight
  withTrained: (state, [values]) => ({ ...state, values: values! }),
  dense: ({ values }) => values,
  stored: ({ dims, values }) => ({ kind: 'dense', tensor: { dtype: 'float32', dims, data: values } }),
  fixed: () => ({}),
  restore: (dims, [values]) => ({ kind: 'dense', dims, values: values! }),
};
