/** Kept weights for one row of x at a time: four outputs side by side, as assembly/kernels/sparse-vector.ts reads them. */
import { packSlices } from '../slices.js';
import type { LinearWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { gathered: 0.5, output: 1.5 };

export const sparseVector: LinearWay = {
  name: 'linear-sparse-vector',
  exact: true,
  choice(layer) {
    const { nonZeros, shape, epilogue } = layer;
    const { count, inputs, outputs } = shape;
    return {
      nanoseconds: count * (nonZeros * nanoseconds.gathered + outputs * nanoseconds.output),
      multiplyAdds: count * nonZeros,
      weightBytes: 8 * nonZeros + 12 * outputs,
      pack(machine) {
        const { groups, starts, entries, places, bias } = packSlices(machine, layer.rows(machine), layer.bias());
        const { low, high } = epilogue;
        return {
          bind: ({ count }) => ({
            scratchBytes: 0,
            run(x, y) {
              for (let n = 0; n < count; n++)
                machine.inParts(groups, 1, 5 * nonZeros, ({ sparseVector }, first, part) => {
                  const [from, to] = [x + 4 * n * inputs, y + 4 * n * outputs];
                  sparseVector(from, part, starts + 4 * first, entries, places + 16 * first, bias + 16 * first, low, high, to);
                });
            },
          }),
        };
      },
    };
  },
};
