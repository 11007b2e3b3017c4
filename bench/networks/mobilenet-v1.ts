/** MobileNet v1 (Howard et al., 2017) at its full size, batch norms folded, and one layer 3×3 of VGG-16: what several threads are for. */
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly } from './training.js';

const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

export const mobilenetV1: Network = {
  name: 'mobilenet-v1',
  description: '13 separable convolutions of 32 to 1024 channels with ReLU, batch norms folded; fc 1000',
  image: { channels: 3, height: 224, width: 224 },
  classes: 1000,
  parameters: 4_221_032,
  scheme: 'he-normal',
  training: briefly,
  build(l, pixels, classes) {
    let x = l.op.Relu(l.conv(pixels, { name: 'stem', out: 32, kernel: 3, stride: 2, pad: 1 }));
    for (const [i, [out, stride]] of blocks.entries()) {
      const groups = x.dims[1]!;
      x = l.op.Relu(l.conv(x, { name: `deep${i}`, out: groups, kernel: 3, stride, pad: 1, groups }));
      x = l.op.Relu(l.conv(x, { name: `wide${i}`, out, kernel: 1 }));
    }
    return l.full(l.globalPool(x, 'pool'), { name: 'fc', out: classes });
  },
};

export const oneLayer: Network = {
  name: 'one 3×3 layer of VGG-16',
  description: '128 → 128 channels, 56×56, then the mean and fc 128',
  image: { channels: 128, height: 56, width: 56 },
  classes: 128,
  parameters: 164_096,
  scheme: 'he-normal',
  training: briefly,
  build: (l, pixels, classes) =>
    l.full(l.globalPool(l.conv(pixels, { name: 'conv', out: 128, kernel: 3, pad: 1 }), 'pool'), { name: 'fc', out: classes }),
};
