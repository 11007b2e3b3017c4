/**
 * ResNet-20 for small images: He et al., 2016, section 4.2. Three stages of three blocks with 16, 32 and 64 channels; where a stage
 * begins, the shortcut takes every second pixel and pads the new channels with zeros (option A), so that it has no weights.
 */
import type { Value } from '../graph/value.js';
import type { Layers } from './layers.js';
import type { Network } from './network.js';

function shortcut({ op }: Layers, x: Value, out: number, stride: number): Value {
  const [, channels, height, width] = x.dims as [number, number, number, number];
  if (stride === 1 && channels === out) return x;
  const every = op.Slice(x, [0, 0], [height, width], [2, 3], [stride, stride]);
  const before = (out - channels) >> 1;
  return op.Pad(every, [0, before, 0, 0, 0, out - channels - before, 0, 0]);
}

interface Block {
  readonly name: string;
  readonly out: number;
  readonly stride: number;
}

function block(l: Layers, x: Value, { name, out, stride }: Block): Value {
  const conv1 = l.conv(x, { name: `${name}.conv1`, out, kernel: 3, stride, pad: 1, bias: false });
  const relu1 = l.relu(l.batchNorm(conv1, `${name}.bn1`), `${name}.relu1`);
  const conv2 = l.conv(relu1, { name: `${name}.conv2`, out, kernel: 3, pad: 1, bias: false });
  return l.relu(l.op.Add(l.batchNorm(conv2, `${name}.bn2`), shortcut(l, x, out, stride)), `${name}.relu2`);
}

export const resnet20: Network = {
  name: 'resnet-20',
  description: '19 convolutions 3×3 in 3 stages with batch norm and shortcuts, fc 10 (He et al., 2016)',
  image: { channels: 3, height: 32, width: 32 },
  classes: 10,
  parameters: 269_722,
  scheme: 'he-normal',
  training: {
    epochs: 160,
    batch: 128,
    optimizer: 'sgd',
    momentum: 0.9,
    nesterov: true,
    rate: 0.1,
    schedule: { kind: 'cosine', warmup: 0.01 },
    weightDecay: 1e-4,
    labelSmoothing: 0,
    augment: 'flip;crop:pad=4',
  },
  build(l, image, classes) {
    let x = l.relu(l.batchNorm(l.conv(image, { name: 'conv1', out: 16, kernel: 3, pad: 1, bias: false }), 'bn1'), 'relu1');
    for (const [stage, out] of [16, 32, 64].entries())
      for (let i = 0; i < 3; i++) x = block(l, x, { name: `layer${stage + 1}.${i}`, out, stride: stage > 0 && i === 0 ? 2 : 1 });
    return l.full(l.globalPool(x, 'pool'), { name: 'fc', out: classes });
  },
};
