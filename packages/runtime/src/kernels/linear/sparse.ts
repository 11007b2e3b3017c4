/** Kept weights, each of which meets all rows of x at once: x is transposed, multiplied, and the result transposed back. */
import { putEntries, writeOffsets } from '../entries.js';
import type { LinearWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { multiplyAdd: 0.075, output: 3, flipped: 0.6 };

export const sparse: LinearWay = {
  name: 'linear-sparse',
  choice(layer) {
    const { nonZeros, shape, epilogue } = layer;
    const { count, inputs, outputs } = shape;
    const vectors = Math.max(4, Math.ceil(count / 4) * 4);
    return {
      nanoseconds:
        nonZeros * vectors * nanoseconds.multiplyAdd + count * (inputs + outputs) * nanoseconds.flipped + outputs * nanoseconds.output,
      multiplyAdds: count * nonZeros,
      weightBytes: 8 * nonZeros + 8 * outputs,
      exact: true,
      pack(machine) {
        const rows = layer.rows();
        const placed = putEntries(machine, rows);
        const bias = machine.put(layer.bias());
        const { flip, sparse } = machine.exports;
        return {
          bind({ count }) {
            const row = 4 * count;
            writeOffsets(machine, placed, rows, (column) => column * row);
            return {
              scratchBytes: (inputs + outputs) * row + 64,
              run(x, y, scratch) {
                const out = scratch + inputs * row;
                flip(x, count, inputs, scratch);
                sparse(scratch, count, outputs, placed.starts, placed.entries, bias, epilogue.low, epilogue.high, out, row);
                flip(out, outputs, count, y);
              },
            };
          },
        };
      },
    };
  },
};
