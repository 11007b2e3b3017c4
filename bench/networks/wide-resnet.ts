/** A short wide ResNet (Zagoruyko and Komodakis, 2016) with projecting shortcuts (option B of He et al., 2016). */
import type { Value } from '../../packages/pith/dist/graph/value.js';
import type { Layers } from '../../packages/pith/dist/zoo/layers.js';
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly, image } from './training.js';

type Conv = Omit<Parameters<Layers['conv']>[1], 'bias'>;

const norm = (l: Layers, x: Value, conv: Conv): Value => l.batchNorm(l.conv(x, { ...conv, bias: false }), `${conv.name}.bn`);

function block(
  l: Layers,
  x: Value,
  { name, out, stride }: { readonly name: string; readonly out: number; readonly stride: number },
): Value {
  const conv1 = l.relu(norm(l, x, { name: `${name}.conv1`, out, kernel: 3, stride, pad: 1 }), `${name}.relu1`);
  const conv2 = norm(l, conv1, { name: `${name}.conv2`, out, kernel: 3, pad: 1 });
  return l.relu(l.op.Add(conv2, norm(l, x, { name: `${name}.shortcut`, out, kernel: 1, stride })), `${name}.relu2`);
}

export const wideResnet: Network = {
  name: 'wide-resnet',
  description: 'stem of stride 2, 3 residual blocks of 48, 96 and 192 channels with projecting shortcuts and batch norm, fc 10',
  image,
  classes: 10,
  parameters: 682_018,
  scheme: 'he-normal',
  training: { ...briefly, epochs: 2 },
  build(l, pixels, classes) {
    let x = l.relu(norm(l, pixels, { name: 'stem', out: 24, kernel: 3, stride: 2, pad: 1 }), 'stem.relu');
    for (const [i, out] of [48, 96, 192].entries()) x = block(l, x, { name: `block${i}`, out, stride: i === 0 ? 1 : 2 });
    return l.full(l.globalPool(x, 'pool'), { name: 'fc', out: classes });
  },
};
