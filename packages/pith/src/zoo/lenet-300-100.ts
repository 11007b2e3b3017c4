/** LeNet-300-100: the fully connected network of LeCun et al., 1998, with ReLU. */
import type { Network } from './network.js';

export const lenet300: Network = {
  name: 'lenet-300-100',
  description: 'fc 300, fc 100, fc 10 (LeCun et al., 1998)',
  image: { channels: 1, height: 28, width: 28 },
  classes: 10,
  parameters: 266_610,
  scheme: 'he-uniform',
  training: {
    epochs: 20,
    batch: 128,
    optimizer: 'sgd',
    momentum: 0.9,
    rate: 0.05,
    schedule: { kind: 'cosine' },
    weightDecay: 5e-4,
    labelSmoothing: 0,
  },
  build(l, image, classes) {
    const fc1 = l.relu(l.full(l.flatten(image, 'flatten'), { name: 'fc1', out: 300 }), 'relu1');
    const fc2 = l.relu(l.full(fc1, { name: 'fc2', out: 100 }), 'relu2');
    return l.full(fc2, { name: 'fc3', out: classes });
  },
};
