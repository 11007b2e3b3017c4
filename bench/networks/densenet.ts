/** A small DenseNet (Huang et al., 2017): batch norm before the convolutions, where folding cannot reach, and concatenation. */
import type { Value } from '../../packages/pith/dist/graph/value.js';
import type { Layers } from '../../packages/pith/dist/zoo/layers.js';
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly, image } from './training.js';

const growth = 16;

const before = (l: Layers, x: Value, name: string): Value => l.relu(l.batchNorm(x, `${name}.bn`), `${name}.relu`);

function layer(l: Layers, x: Value, name: string): Value {
  const narrow = l.conv(before(l, x, `${name}.1`), { name: `${name}.1`, out: 4 * growth, kernel: 1, bias: false });
  const y = l.conv(before(l, narrow, `${name}.2`), { name: `${name}.2`, out: growth, kernel: 3, pad: 1, bias: false });
  return l.op.Concat([x, y], 1);
}

export const densenet: Network = {
  name: 'densenet',
  description: '3 dense blocks of 4 layers (1×1, 3×3), growth 16, batch norm before each convolution, fc 10',
  image,
  classes: 10,
  parameters: 180_650,
  scheme: 'he-normal',
  training: briefly,
  build(l, pixels, classes) {
    let x = l.conv(pixels, { name: 'stem', out: 32, kernel: 3, stride: 2, pad: 1, bias: false });
    for (let block = 0; block < 3; block++) {
      for (let i = 0; i < 4; i++) x = layer(l, x, `dense${block}.${i}`);
      if (block === 2) continue;
      const name = `transition${block}`;
      const half = l.conv(before(l, x, name), { name, out: x.dims[1]! >> 1, kernel: 1, bias: false });
      x = l.op.AveragePool(half, { kernel_shape: [2, 2], strides: [2, 2] });
    }
    return l.full(l.globalPool(before(l, x, 'last'), 'pool'), { name: 'fc', out: classes });
  },
};
