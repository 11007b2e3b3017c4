/** Dense weights in strips of eight outputs: one row of x reads each weight once, more rows are a product of tiles. */
import type { Bound } from '../choice.js';
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
        const vector: Bound = {
          scratchBytes: 0,
          run: (x, y) =>
            machine.inParts(outputs, biasGroup, 2 * weights, ({ linearVector }, first, part) =>
              linearVector(x, inputs, strips, outputs, first, first + part, bias, low, high, y),
            ),
        };
        const several = (count: number): Bound => {
          const own = machine.exports.linearScratch(count, inputs);
          return {
            scratchBytes: machine.parts * own,
            run: (x, y, scratch) =>
              machine.inParts(count, 6, count * weights, ({ linear }, first, rows, part) => {
                const [from, to] = [x + 4 * first * inputs, y + 4 * first * outputs];
                linear(from, rows, inputs, strips, outputs, bias, low, high, to, scratch + part * own);
              }),
          };
        };
        return { bind: ({ count }) => (count === 1 ? vector : several(count)) };
      },
    };
  },
};
