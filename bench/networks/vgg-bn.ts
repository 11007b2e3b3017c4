/** A small VGG with batch norm (Simonyan and Zisserman, 2015): convolutions with biases, pooling, fully connected layers. */
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly, image } from './training.js';

export const vggBn: Network = {
  name: 'vgg-bn',
  description: '6 convolutions 3×3 with bias and batch norm in 4 stages, max pooling, fc 128, fc 10',
  image,
  classes: 10,
  parameters: 821_642,
  scheme: 'he-normal',
  training: { ...briefly, epochs: 2 },
  build(l, pixels, classes) {
    let x = pixels;
    for (const [stage, widths] of [[32], [64], [128, 128], [192, 192]].entries()) {
      for (const [i, out] of widths.entries()) {
        const name = `features.${stage}.${i}`;
        x = l.relu(l.batchNorm(l.conv(x, { name, out, kernel: 3, pad: 1 }), `${name}.bn`), `${name}.relu`);
      }
      x = l.maxPool(x, { name: `pool${stage}`, size: 2 });
    }
    const fc1 = l.relu(l.full(l.flatten(x, 'flatten'), { name: 'fc1', out: 128 }), 'fc1.relu');
    return l.full(fc1, { name: 'fc2', out: classes });
  },
};
