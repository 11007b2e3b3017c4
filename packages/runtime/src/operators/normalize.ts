/** Normalizations: by the statistics that training left (BatchNormalization), or by those of the rows at hand. */
import type { Operator } from './operator.js';
import { countOf } from './value.js';

export interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** What batch normalization does to each channel: γ/√(σ² + ε), β − μ·scale, in double precision. */
export function affineOf(parts: readonly Float32Array[], epsilon: number): Affine {
  const [gamma, beta, mean, variance] = parts as readonly [Float32Array, Float32Array, Float32Array, Float32Array];
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c]! + epsilon));
  return { scale: Float32Array.from(scale), shift: Float32Array.from(beta, (b, c) => b - mean[c]! * scale[c]!) };
}

export const BatchNormalization: Operator = {
  name: 'BatchNormalization',
  clamps: true,
  takes: [1, 2, 3, 4],
  prepare: (node) => {
    if (node.int('training_mode', 0) === 1 || node.asks(1)) node.unsupported('inference', 'training_mode');
    const { scale, shift } = affineOf(
      [1, 2, 3, 4].map((i) => node.floats(i)),
      node.float('epsilon', 1e-5),
    );
    const { low, high } = node.tail;
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      const [batch = 1, channels = 1] = dims;
      if (channels !== scale.length) node.wrong(`${scale.length} channels`, String(channels));
      const plane = countOf(dims.slice(2));
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims }],
        kernel: 'affine',
        inPlace: [0],
        tables: [scale, shift],
        run: ({ kernels, x, y, tables }) =>
          kernels.affine(x[0]!, y[0]!, batch * channels, channels, plane, tables[0]!, tables[1]!, low, high),
      };
    };
  },
};

export const LayerNormalization: Operator = {
  name: 'LayerNormalization',
  prepare: (node) => {
    if (node.asks(1) || node.asks(2)) node.unsupported('one output', 'the statistics as well');
    const [choice, epsilon] = [node.int('axis', -1), node.float('epsilon', 1e-5)];
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      const axis = node.axis(choice, dims.length);
      const [rows, width] = [countOf(dims.slice(0, axis)), countOf(dims.slice(axis))];
      for (const i of [1, 2]) {
        const given = inputs[i];
        if (given && countOf(node.real(inputs, i).dims) !== width)
          node.unsupported(`input ${i} of [${dims.slice(axis)}]`, `[${given.dims}]`);
      }
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims }],
        kernel: 'layer-norm',
        inPlace: [0],
        run: ({ kernels, x, y }) => kernels.normalize(x[0]!, y[0]!, rows, width, epsilon, x[1]!, x[2] ?? 0),
      };
    };
  },
};

export const InstanceNormalization: Operator = {
  name: 'InstanceNormalization',
  clamps: true,
  prepare: (node) => {
    const epsilon = node.float('epsilon', 1e-5);
    const { low, high } = node.tail;
    return (inputs) => {
      const { dims } = node.real(inputs, 0);
      const [batch = 1, channels = 1] = dims;
      for (const i of [1, 2])
        if (node.real(inputs, i).dims.join() !== String(channels)) node.wrong(`input ${i} of [${channels}]`, `[${inputs[i]!.dims}]`);
      const [rows, plane] = [batch * channels, countOf(dims.slice(2))];
      return {
        kind: 'kernel',
        outputs: [{ dtype: 'float32', dims }],
        kernel: 'instance-norm',
        inPlace: [0],
        run: ({ kernels, x, y }) => {
          kernels.normalize(x[0]!, y[0]!, rows, plane, epsilon, 0, 0);
          kernels.affine(y[0]!, y[0]!, rows, channels, plane, x[1]!, x[2]!, low, high);
        },
      };
    };
  },
};
