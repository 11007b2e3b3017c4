/** Convolution over one or two spatial axes with a constant weight; batch normalization and a clamp behind it are part of it. */
import { dimsOfStored } from '../format/stored.js';
import type { ConvShape, Epilogue } from '../kernels/choice.js';
import { convChoices } from '../kernels/conv-choices.js';
import type { NodeView } from './node-view.js';
import type { Operator } from './operator.js';
import { windowsOf } from './window.js';

/** The node's bias and what follows it as one: (x + b)·scale + shift = x·scale + (b·scale + shift). */
export function epilogueOf(node: NodeView, bias: Float32Array | undefined): Epilogue {
  const { scale, shift, low, high } = node.tail;
  const moved = bias && scale ? bias.map((b, c) => b * scale[c]!) : bias;
  const sum = moved && shift ? moved.map((b, c) => b + shift[c]!) : (moved ?? shift);
  return { low, high, ...(scale && { scale }), ...(sum && { bias: sum }) };
}

export const Conv: Operator = {
  name: 'Conv',
  clamps: true,
  takes: [1, 2],
  prepare: (node) => {
    // the weight is read again when it is packed, and not held on to
    const [outputs = 0, perGroup = 0, ...kernel] = dimsOfStored(node.weight(1));
    const groups = node.int('group', 1);
    const bias = node.has(2) ? node.floats(2) : undefined;
    const written = node.ints('kernel_shape') ?? kernel;
    if (written.join() !== kernel.join()) node.wrong(`kernel_shape [${kernel}], as the weight has it`, `[${written}]`);
    if (groups < 1 || outputs % groups !== 0) node.wrong(`a group that divides ${outputs} outputs`, String(groups));
    if (bias && bias.length !== outputs) node.wrong(`${outputs} biases`, String(bias.length));
    const windows = windowsOf(node, kernel);
    const epilogue = epilogueOf(node, bias);
    return (inputs) => {
      const { dims, signs = false } = node.real(inputs, 0);
      const [batch = 0, channels = 0, ...spatial] = dims;
      if (channels !== perGroup * groups) node.wrong(`${perGroup * groups} channels`, String(channels));
      const [y, x] = windows(spatial);
      const shape: ConvShape = {
        batch,
        channels,
        height: y.input,
        width: x.input,
        outputs,
        groups,
        kernel: [y.kernel, x.kernel],
        strides: [y.stride, x.stride],
        dilations: [y.dilation, x.dilation],
        pads: [y.before, x.before, y.behind, x.behind],
        outHeight: y.output,
        outWidth: x.output,
      };
      const choices = (reducedPrecision: boolean) => convChoices(node.weight(1), shape, epilogue, { signs, reducedPrecision });
      return {
        kind: 'product',
        outputs: [{ dtype: 'float32', dims: [batch, outputs, ...(spatial.length === 1 ? [x.output] : [y.output, x.output])] }],
        product: { of: 'conv', shape, choices },
        dense: batch * outputs * y.output * x.output * perGroup * y.kernel * x.kernel,
      };
    };
  },
};
