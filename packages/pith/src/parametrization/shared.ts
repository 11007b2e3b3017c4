/**
 * `shared`: each kept weight is one of a few centroids, W = [0, codebook][index]. The gradient of that gather sums over the weights
 * of a centroid, which is the centroid training of Deep Compression (Han et al., 2016, section 3).
 */
import { PithError } from '../base/errors.js';
import { type Parametrization, positionsWhere } from './parametrization.js';

export interface SharedState {
  readonly kind: 'shared';
  readonly dims: readonly number[];
  /** Centroids, at most 65,535. */
  readonly codebook: Float32Array;
  /** 0: pruned; k: the weight is codebook[k − 1]. */
  readonly index: Uint16Array;
  /** Bits of a relative position in the file. */
  readonly gapBits: number;
}

export const shared: Parametrization<SharedState> = {
  kind: 'shared',
  trained: (weight, { codebook }) => [{ name: `${weight}/codebook`, dims: [codebook.length], data: codebook }],
  build(op, weight, { dims, index }, [codebook]) {
    const table = op.Concat([op.constant({ dtype: 'float32', dims: [1], data: new Float32Array(1) }), codebook!], 0);
    const indices = op.constant({ dtype: 'int64', dims: [index.length], data: BigInt64Array.from(index, BigInt) }, `${weight}/index`);
    // GatherElements: ONNX Runtime gathers single elements three times as fast with it as with Gather.
    op.node('Reshape', [op.GatherElements(table, indices, 0), op.ints(...dims)], {}, [weight]);
  },
  withTrained: (state, [codebook]) => ({ ...state, codebook: codebook! }),
  dense: ({ codebook, index }) => Float32Array.from(index, (k) => (k === 0 ? 0 : codebook[k - 1]!)),
  stored({ dims, codebook, index, gapBits }) {
    const positions = positionsWhere(index.length, (i) => index[i] !== 0);
    return { kind: 'shared', dims, codebook, positions, index: Uint16Array.from(positions, (i) => index[i]! - 1), gapBits };
  },
  fixed: ({ index, gapBits }) => ({ index, gapBits: Uint8Array.of(gapBits) }),
  restore(dims, [codebook], { index, gapBits }) {
    if (!(index instanceof Uint16Array) || !gapBits)
      throw new PithError('input.checkpoint', { expected: 'an index of clusters', got: 'none' });
    return { kind: 'shared', dims, codebook: codebook!, index, gapBits: gapBits[0]! };
  },
};
