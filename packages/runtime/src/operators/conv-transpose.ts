/**
 * Transposed convolution with a constant weight: a product for each position (a convolution 1×1 with the weight on its side), whose
 * results are then added up where the windows lie.
 */
import { densify, dimsOfStored, type StoredTensor } from '../format/stored.js';
import { convChoices } from '../kernels/conv-choices.js';
import { epilogueOf } from './conv.js';
import type { NodeView } from './node-view.js';
import type { Operator, ProductWork } from './operator.js';
import { transposed } from './transposed.js';
import { countOf } from './value.js';

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  /** Both pads less the output padding. */
  readonly cut: number;
}

const plain: Axis = { kernel: 1, stride: 1, dilation: 1, before: 0, cut: 0 };

function axesOf(node: NodeView, kernel: readonly number[]): readonly [Axis, Axis] {
  const rank = kernel.length;
  if (rank < 1 || rank > 2) node.unsupported('one or two spatial axes', String(rank));
  const auto = node.string('auto_pad', 'NOTSET');
  if (auto !== 'NOTSET' && auto !== 'VALID') node.unsupported('auto_pad NOTSET or VALID', auto);
  if (node.ints('output_shape')) node.unsupported('pads', 'output_shape');
  const each = (name: string, count: number, otherwise: number): readonly number[] => {
    const found = node.ints(name) ?? new Array<number>(count).fill(otherwise);
    if (found.length !== count || found.some((n) => !(n >= otherwise && n < 2 ** 20)))
      node.wrong(`${count} ${name} from ${otherwise} to 2^20`, `[${found}]`);
    return found;
  };
  const [strides, dilations, extra] = [each('strides', rank, 1), each('dilations', rank, 1), each('output_padding', rank, 0)];
  const pads = auto === 'VALID' ? new Array<number>(2 * rank).fill(0) : each('pads', 2 * rank, 0);
  const axes = kernel.map((k, i) => ({
    kernel: k,
    stride: strides[i]!,
    dilation: dilations[i]!,
    before: pads[i]!,
    cut: pads[i]! + pads[rank + i]! - extra[i]!,
  }));
  return rank === 1 ? [plain, axes[0]!] : [axes[0]!, axes[1]!];
}

/** [channels, outputs of a group · taps] with a row for each output and tap. */
function turned(stored: StoredTensor, groups: number): StoredTensor {
  const [channels = 0, ...rest] = dimsOfStored(stored);
  const width = countOf(rest);
  if (groups === 1 && stored.kind !== 'uniform') {
    const flat =
      stored.kind === 'dense'
        ? { ...stored, tensor: { ...stored.tensor, dims: [channels, width] } }
        : { ...stored, dims: [channels, width] };
    return transposed(flat);
  }
  const { dtype, data } = densify(stored);
  const each = channels / groups;
  const made = new Float32Array(channels * width);
  for (let c = 0, from = 0; c < channels; c++)
    for (let i = 0; i < width; i++, from++) made[(Math.floor(c / each) * width + i) * each + (c % each)] = Number(data[from]);
  return { kind: 'dense', tensor: { dtype: dtype === 'float32' ? dtype : 'float32', dims: [groups * width, each], data: made } };
}

export const ConvTranspose: Operator = {
  name: 'ConvTranspose',
  clamps: true,
  takes: [1, 2],
  prepare: (node) => {
    const [channels = 0, perGroup = 0, ...kernel] = dimsOfStored(node.weight(1));
    const groups = node.int('group', 1);
    if (groups < 1 || channels % groups !== 0) node.wrong(`a group that divides ${channels} channels`, String(groups));
    const axes = axesOf(node, kernel);
    const outputs = perGroup * groups;
    const given = node.has(2) ? node.floats(2) : undefined;
    if (given && given.length !== outputs) node.wrong(`${outputs} biases`, String(given.length));
    const { low, high, bias = new Float32Array(outputs) } = epilogueOf(node, given);
    return (inputs): ProductWork => {
      const { dims } = node.real(inputs, 0);
      const [batch = 0, count, ...spatial] = dims;
      if (count !== channels || spatial.length !== kernel.length)
        node.wrong(`${channels} channels and ${kernel.length} spatial axes`, `[${dims}]`);
      const [height, width] = spatial.length === 1 ? [1, spatial[0]!] : [spatial[0]!, spatial[1]!];
      const sizes = [height, width].map((n, i) => (n - 1) * axes[i]!.stride + (axes[i]!.kernel - 1) * axes[i]!.dilation + 1 - axes[i]!.cut);
      if (sizes.some((size) => size < 1)) node.wrong('pads that leave something', `[${sizes}]`);
      const rows = outputs * countOf(kernel);
      const shape = {
        ...{ batch, channels, height, width, outputs: rows, groups, outHeight: height, outWidth: width },
        ...({ kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const),
      };
      const numbers = axes.flatMap(({ kernel: k, stride, dilation, before }) => [k, stride, dilation, before]);
      const [ky, sy, dy, py, kx, sx, dx, px] = numbers as [number, number, number, number, number, number, number, number];
      return {
        kind: 'product',
        outputs: [{ dtype: 'float32', dims: [batch, outputs, ...sizes.slice(2 - kernel.length)] }],
        product: {
          of: 'conv',
          shape,
          choices: (reducedPrecision) =>
            convChoices(turned(node.weight(1), groups), shape, { low: -Infinity, high: Infinity }, { reducedPrecision }),
        },
        dense: batch * height * width * rows * (channels / groups),
        after: {
          bytes: 4 * batch * rows * height * width,
          tables: [Int32Array.of(batch, outputs, height, width, sizes[0]!, sizes[1]!, ky, kx, sy, sx, dy, dx, py, px), bias],
          run: (kernels, from, y, [form, biases]) => kernels.fold(form!, from, y, biases!, low, high),
        },
      };
    };
  },
};
