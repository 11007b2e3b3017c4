/** Dense weights in strips of eight outputs: one row of x reads each weight once, more rows are a product of tiles. */
import { packStrips, stripLength } from '../panels.js';
import type { LinearWay } from './way.js';

/** Measured: bench/results/kernels.md. A weight is read once for a single row, and for six rows together otherwise. */
const nanoseconds = { read: 0.17, multiplyAdd: 0.085, packed: 0.5 };

/** `linearVector` reads the biases of whole groups of so many outputs. */
const biasGroup = 32;

export const dense: LinearWay = {
  name: 'linear-dense',
  exact: true,
  choice(layer) {
    const { count, inputs, outputs } = layer.shape;
    const weights = stripLength(outputs, inputs);
    return {
      nanoseconds: weights * (nanoseconds.read + (count - 1) * nanoseconds.multiplyAdd) + count * inputs * nanoseconds.packed,
      multiplyAdds: count * inputs * outputs,
      weightBytes: 4 * weights,
      pack(machine) {
        const strips = machine.allocate(4 * weights);
        packStrips(layer.denseRows(), outputs, inputs, machine.floats(strips, weights), layer.epilogue.scale);
        const biases = new Float32Array(Math.ceil(outputs / biasGroup) * biasGroup);
        biases.set(layer.bias());
        const bias = machine.put(biases);
        const { low, high } = layer.epilogue;
        const { linear, linearScratch, linearVector } = machine.exports;
        return {
          bind: (shape) =>
            shape.count === 1
              ? { scratchBytes: 0, run: (x, y) => linearVector(x, inputs, strips, outputs, bias, low, high, y) }
              : {
                  scratchBytes: linearScratch(shape.count, inputs),
                  run: (x, y, scratch) => linear(x, shape.count, inputs, strips, outputs, bias, low, high, y, scratch),
                },
        };
      },
    };
  },
};
