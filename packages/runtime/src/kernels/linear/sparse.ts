/** Kept weights, each of which meets all rows of x at once: x is transposed, multiplied, and the result transposed back. */
import { putEntries, writeOffsets } from '../entries.js';
import type { LinearWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { multiplyAdd: 0.11, single: 1.3, output: 3, flipped: 0.6 };

export const sparse: LinearWay = {
  name: 'linear-sparse',
  choice(layer) {
    const { nonZeros, shape, epilogue } = layer;
    const { count, inputs, outputs } = shape;
    // fewer rows than a vector has are computed one by one
    const each = count < 4 ? count * nanoseconds.single : Math.ceil(count / 4) * 4 * nanoseconds.multiplyAdd;
    return {
      nanoseconds: nonZeros * each + count * (inputs + outputs) * nanoseconds.flipped + outputs * nanoseconds.output,
      multiplyAdds: count * nonZeros,
      weightBytes: 8 * nonZeros + 8 * outputs,
      exact: true,
      pack(machine) {
        const placed = putEntries(machine, layer.rows(), outputs);
        const bias = machine.put(layer.bias());
        const { flip, sparse } = machine.exports;
        return {
          bind({ count }) {
            const row = 4 * count;
            writeOffsets(machine, placed, (column) => column * row);
            return {
              scratchBytes: (inputs + outputs) * row + 64,
              run(x, y, scratch) {
                const out = scratch + inputs * row;
                flip(x, count, inputs, scratch);
                sparse(scratch, count, outputs, placed.order, placed.starts, placed.entries, bias, epilogue.low, epilogue.high, out, row);
                flip(out, outputs, count, y);
              },
            };
          },
        };
      },
    };
  },
};
