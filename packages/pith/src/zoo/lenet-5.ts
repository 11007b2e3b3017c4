/**
 * LeNet-5 as Caffe has it, which is the one of the pruning literature: LeCun et al., 1998, without the hand-made connection table, wider,
 * and with no non-linearity after the convolutions but the pooling.
 */
import type { Network } from './network.js';

export const lenet5: Network = {
  name: 'lenet-5',
  description: 'conv 20@5×5, pool, conv 50@5×5, pool, fc 500, fc 10 (LeCun et al., 1998, as in Caffe)',
  image: { channels: 1, height: 28, width: 28 },
  classes: 10,
  parameters: 431_080,
  scheme: 'caffe-xavier',
  training: {
    epochs: 7,
    batch: 64,
    optimizer: 'sgd',
    momentum: 0.9,
    nesterov: true,
    rate: 0.05,
    schedule: { kind: 'cosine', warmup: 0.02 },
    weightDecay: 5e-4,
    labelSmoothing: 0.05,
    averaging: { from: 0.7, every: 8, decay: 0.98 },
  },
  build(l, image, classes) {
    const pool1 = l.maxPool(l.conv(image, { name: 'conv1', out: 20, kernel: 5 }), { name: 'pool1', size: 2 });
    const pool2 = l.maxPool(l.conv(pool1, { name: 'conv2', out: 50, kernel: 5 }), { name: 'pool2', size: 2 });
    const fc1 = l.full(l.flatten(pool2, 'flatten'), { name: 'fc1', out: 500 });
    return l.full(l.relu(fc1, 'relu1'), { name: 'fc2', out: classes });
  },
};
