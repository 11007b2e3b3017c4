/** Kept weights, each of which meets all rows of x at once: x is transposed, multiplied, and the result transposed back. */
import { type EntryForm, entryForms, writeOffsets } from '../entries.js';
import type { LinearWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { single: 1.3, output: 3, flipped: 0.6 };

const wayOf = (form: EntryForm): LinearWay => ({
  name: `linear-${form.name}`,
  exact: true,
  choice(layer) {
    const { nonZeros, shape, epilogue } = layer;
    const { count, inputs, outputs } = shape;
    if (!form.fits(layer)) return undefined;
    // fewer rows than a vector has are computed one by one
    const each = count < 4 ? count * nanoseconds.single : Math.ceil(count / 4) * 4 * form.nanoseconds;
    return {
      nanoseconds: nonZeros * each + count * (inputs + outputs) * nanoseconds.flipped + outputs * nanoseconds.output,
      multiplyAdds: count * nonZeros,
      weightBytes: form.bytes * nonZeros + 8 * outputs,
      pack(machine) {
        const placed = form.put(machine, layer, outputs);
        const { kind, values, order, starts, entries, scale } = placed;
        const bias = machine.put(layer.bias());
        const { low, high } = epilogue;
        const { flip } = machine.exports;
        return {
          bind({ count }) {
            const row = 4 * count;
            writeOffsets(
              machine,
              placed,
              Uint32Array.from({ length: inputs }, (_, column) => column * row),
            );
            return {
              scratchBytes: (inputs + outputs) * row + 64,
              run(x, y, scratch) {
                const out = scratch + inputs * row;
                flip(x, count, inputs, scratch);
                machine.inParts(count, 4, nonZeros * count, ({ sparse }, first, part) => {
                  const [from, to] = [scratch + 4 * first, out + 4 * first];
                  sparse(kind, values, from, part, outputs, order, starts, entries, scale, bias, low, high, to, row);
                });
                flip(out, outputs, count, y);
              },
            };
          },
        };
      },
    };
  },
});

export const sparseWays: readonly LinearWay[] = entryForms.map(wayOf);
