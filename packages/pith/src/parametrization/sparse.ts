/** `sparse`: values under a fixed 0/1 mask, W = values ∘ mask; only the kept weights get a gradient (Han et al., 2015). */
import { PithError } from '../base/errors.js';
import { type Parametrization, positionsWhere } from './parametrization.js';

export interface SparseState {
  readonly kind: 'sparse';
  readonly dims: readonly number[];
  /** Of the dense shape; what stands under a 0 of the mask is 0. */
  readonly values: Float32Array;
  /** 1 where the weight is kept. */
  readonly mask: Uint8Array;
}

export const sparse: Parametrization<SparseState> = {
  kind: 'sparse',
  trained: (weight, { dims, values }) => [{ name: `${weight}/values`, dims, data: values }],
  build(op, weight, { dims, mask }, [values]) {
    op.node('Mul', [values!, op.constant({ dtype: 'float32', dims, data: Float32Array.from(mask) }, `${weight}/mask`)], {}, [weight]);
  },
  withTrained: (state, [values]) => ({ ...state, values: values! }),
  dense: ({ values, mask }) => values.map((w, i) => (mask[i] ? w : 0)),
  stored({ dims, values, mask }) {
    const positions = positionsWhere(values.length, (i) => mask[i] === 1 && values[i] !== 0);
    return { kind: 'sparse', dims, values: Float32Array.from(positions, (i) => values[i]!), positions };
  },
  fixed: ({ mask }) => ({ mask }),
  restore(dims, [values], { mask }) {
    if (!(mask instanceof Uint8Array) || mask.length !== values!.length)
      throw new PithError('input.checkpoint', { expected: `a mask of ${values!.length} bytes`, got: `${mask?.length ?? 'none'}` });
    return { kind: 'sparse', dims, values: values!, mask };
  },
};
