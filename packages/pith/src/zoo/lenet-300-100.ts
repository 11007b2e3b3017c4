/** LeNet-300-100: the fully connected network of LeCun et al., 1998, with ReLU. */
import type { Network } from './network.js';

export const lenet300: Network = {
  name: 'lenet-300-100',
  description: 'fc 300, fc 100, fc 10 (LeCun et al., 1998)',
  image: { channels: 1, height: 28, width: 28 },
  classes: 10,
  parameters: 266_610,
  scheme: 'he-normal',
  training: {
    epochs: 36,
    batch: 128,
    optimizer: 'sgd',
    momentum: 0.9,
    nesterov: true,
    rate: 0.1,
    schedule: { kind: 'cosine', warmup: 0.02 },
    weightDecay: 5e-4,
    labelSmoothing: 0.1,
    averaging: { from: 0.7, every: 8, decay: 0.98 },
  },
  build(l, image, classes) {
    const fc1 = l.relu(l.full(l.flatten(image, 'flatten'), { name: 'fc1', out: 300 }), 'relu1');
    const fc2 = l.relu(l.full(fc1, { name: 'fc2', out: 100 }), 'relu2');
    return l.full(fc2, { name: 'fc3', out: classes });
  },
};
