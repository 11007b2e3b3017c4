/** A small vision transformer (Dosovitskiy et al., 2021): patches of 4×4, learned positions, layer norm first, GELU by Erf, mean of tokens. */
import type { Value } from '../../packages/pith/dist/graph/value.js';
import { filled, initialWeight } from '../../packages/pith/dist/zoo/init.js';
import type { Layers } from '../../packages/pith/dist/zoo/layers.js';
import type { Network } from '../../packages/pith/dist/zoo/network.js';
import { briefly, image } from './training.js';

const width = 96;
const heads = 3;
const depth = 4;
const patch = 4;

type Made = NonNullable<Value['constant']>;

function parameter({ op }: Layers, name: string, tensor: Made): Value {
  op.graph.initializers.set(name, tensor);
  return { name, dtype: tensor.dtype, dims: tensor.dims };
}

/** x·W + b over the last axis, the weight [in, out] as exporters of matrix products have it. */
function linear(l: Layers, x: Value, { name, out }: { readonly name: string; readonly out: number }): Value {
  const dims = [x.dims.at(-1)!, out];
  const w = parameter(l, `${name}.weight`, initialWeight({ name, dims, scheme: 'xavier-uniform', seed: 1 }));
  return l.op.Add(l.op.MatMul(x, w), parameter(l, `${name}.bias`, filled(out, 0)));
}

function layerNorm(l: Layers, x: Value, name: string): Value {
  const scale = parameter(l, `${name}.weight`, filled(width, 1));
  const bias = parameter(l, `${name}.bias`, filled(width, 0));
  return l.op.node('LayerNormalization', [x, scale, bias], { axis: -1, epsilon: { float: 1e-5 } })[0]!;
}

function gelu({ op }: Layers, x: Value): Value {
  const half = op.Mul(x, op.scalar(0.5));
  return op.Mul(half, op.Add(op.Erf(op.Div(x, op.scalar(Math.SQRT2))), op.scalar(1)));
}

function attention(l: Layers, x: Value, name: string): Value {
  const { op } = l;
  const tokens = x.dims[1]!;
  const split = (part: string, perm: readonly number[]): Value =>
    op.Transpose(op.Reshape(linear(l, x, { name: `${name}.${part}`, out: width }), [0, tokens, heads, width / heads]), perm);
  const scores = op.MatMul(split('query', [0, 2, 1, 3]), split('key', [0, 2, 3, 1]));
  const weights = op.Softmax(op.Mul(scores, op.scalar(1 / Math.sqrt(width / heads))));
  const mixed = op.Transpose(op.MatMul(weights, split('value', [0, 2, 1, 3])), [0, 2, 1, 3]);
  return linear(l, op.Reshape(mixed, [0, tokens, width]), { name: `${name}.out`, out: width });
}

export const vit: Network = {
  name: 'vit',
  description: '4 transformer blocks of width 96 with 3 heads over 4×4 patches of 4×4, layer norm, GELU, fc 10',
  image,
  classes: 10,
  parameters: 454_762,
  scheme: 'xavier-uniform',
  training: { ...briefly, optimizer: 'adam', rate: 0.001, weightDecay: 1e-5, schedule: { kind: 'cosine', warmup: 0.1 } },
  build(l, pixels, classes) {
    const { op } = l;
    const patches = l.conv(pixels, { name: 'patches', out: width, kernel: patch, stride: patch });
    const tokens = patches.dims[2]! * patches.dims[3]!;
    const sequence = op.Transpose(op.Reshape(patches, [0, width, tokens]), [0, 2, 1]);
    const positions = initialWeight({ name: 'positions', dims: [1, tokens, width], scheme: 'xavier-uniform', seed: 1 });
    let x = op.Add(sequence, parameter(l, 'positions', positions));
    for (let i = 0; i < depth; i++) {
      const name = `block${i}`;
      x = op.Add(x, attention(l, layerNorm(l, x, `${name}.norm1`), `${name}.attention`));
      const hidden = gelu(l, linear(l, layerNorm(l, x, `${name}.norm2`), { name: `${name}.fc1`, out: 4 * width }));
      x = op.Add(x, linear(l, hidden, { name: `${name}.fc2`, out: width }));
    }
    return l.full(op.ReduceMean(layerNorm(l, x, 'norm'), [1], false), { name: 'head', out: classes });
  },
};
