/** Convolutions with biases, pooling and fully connected layers, no normalisation: the kind of network that came before batch norm. */
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly, image } from './training.js';

export const plain: Network = {
  name: 'plain',
  description: 'conv 32@5×5, conv 64@5×5, conv 128@3×3, each with max pooling, fc 128, fc 10; no normalisation',
  image,
  classes: 10,
  parameters: 194_506,
  scheme: 'he-normal',
  training: { ...briefly, rate: 0.01 },
  build(l, pixels, classes) {
    let x = pixels;
    for (const [i, [out, kernel]] of (
      [
        [32, 5],
        [64, 5],
        [128, 3],
      ] as const
    ).entries()) {
      const name = `conv${i}`;
      x = l.relu(l.conv(x, { name, out, kernel, pad: kernel >> 1 }), `${name}.relu`);
      x = l.maxPool(x, { name: `${name}.pool`, size: 2 });
    }
    const fc1 = l.relu(l.full(l.flatten(x, 'flatten'), { name: 'fc1', out: 128 }), 'fc1.relu');
    return l.full(fc1, { name: 'fc2', out: classes });
  },
};
