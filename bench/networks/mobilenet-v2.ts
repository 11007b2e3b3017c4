/** A small MobileNet-v2 (Sandler et al., 2018): inverted residuals with depthwise convolutions, ReLU6, linear bottlenecks. */
import type { Value } from '../../packages/pith/dist/graph/value.js';
import type { Layers } from '../../packages/pith/dist/zoo/layers.js';
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly, image } from './training.js';

type Conv = Omit<Parameters<Layers['conv']>[1], 'bias'>;

const norm = (l: Layers, x: Value, conv: Conv): Value => l.batchNorm(l.conv(x, { ...conv, bias: false }), `${conv.name}.bn`);
const active = (l: Layers, x: Value, conv: Conv): Value => l.op.Clip(norm(l, x, conv), 0, 6);

function inverted(l: Layers, x: Value, block: { readonly name: string; readonly out: number; readonly stride: number }): Value {
  const { name, out, stride } = block;
  const channels = x.dims[1]!;
  const wide = 4 * channels;
  const expanded = active(l, x, { name: `${name}.expand`, out: wide, kernel: 1 });
  const filtered = active(l, expanded, { name: `${name}.depthwise`, out: wide, kernel: 3, stride, pad: 1, groups: wide });
  const y = norm(l, filtered, { name: `${name}.project`, out, kernel: 1 });
  return stride === 1 && channels === out ? l.op.Add(x, y) : y;
}

export const mobilenetV2: Network = {
  name: 'mobilenet-v2',
  description: '8 inverted residuals of 24 to 96 channels, expansion 4, with ReLU6 and batch norm; 1×1 to 256, fc 10',
  image,
  classes: 10,
  parameters: 198_370,
  scheme: 'he-normal',
  training: briefly,
  build(l, pixels, classes) {
    let x = active(l, pixels, { name: 'stem', out: 24, kernel: 3, stride: 2, pad: 1 });
    const blocks = [
      [24, 1],
      [24, 1],
      [40, 2],
      [40, 1],
      [64, 2],
      [64, 1],
      [64, 1],
      [96, 1],
    ] as const;
    for (const [i, [out, stride]] of blocks.entries()) x = inverted(l, x, { name: `block${i}`, out, stride });
    x = active(l, x, { name: 'head', out: 256, kernel: 1 });
    return l.full(l.globalPool(x, 'pool'), { name: 'fc', out: classes });
  },
};
