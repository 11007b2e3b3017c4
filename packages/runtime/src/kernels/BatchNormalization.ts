/** Batch normalization with the statistics that training left: for each channel one multiplication and one addition. */
import { empty, given, type Kernel } from './kernel.js';

export const BatchNormalization: Kernel = {
  name: 'BatchNormalization',
  prepare: (node) => {
    if (node.int('training_mode', 0) === 1 || node.asks(1)) node.unsupported('inference', 'training_mode');
    const [gamma, beta, means, variances] = [1, 2, 3, 4].map(
      (i) => node.floats(i)?.data ?? node.unsupported(`a constant input ${i}`, 'one that another node makes'),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const epsilon = node.float('epsilon', 1e-5);
    const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variances[c]! + epsilon));
    const shift = Float64Array.from(beta, (b, c) => b - means[c]! * scale[c]!);
    return (inputs) => {
      const x = given(inputs, 0);
      const [batch = 0, channels = 0] = x.dims;
      if (channels !== scale.length) node.wrong(`${scale.length} channels`, String(channels));
      const out = empty(x.dims);
      const plane = x.data.length / Math.max(1, batch * channels);
      for (let n = 0, i = 0; n < batch; n++)
        for (let c = 0; c < channels; c++) {
          const [a, b] = [scale[c]!, shift[c]!];
          for (const end = i + plane; i < end; i++) out.data[i] = a * x.data[i]! + b;
        }
      return out;
    };
  },
};
