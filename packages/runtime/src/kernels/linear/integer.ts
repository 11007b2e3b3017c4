/**
 * Weights that are integers of 8 bits times steps, and rows of x rounded to as many bits as their sums leave room for, 16 at
 * most: twice the products of float32 at a time, and a quarter of the bytes. Less exact, by about 2⁻¹⁵ of the largest of each row.
 */
import { inFours, integersOf } from '../integers.js';
import type { Machine } from '../machine.js';
import type { LinearWay } from './way.js';

/** Measured: bench/results/kernels.md. */
const nanoseconds = { single: 0.06, multiplyAdd: 0.045, rounded: 0.5, output: 2 };

/** Inputs lie in blocks of eight, outputs in blocks of four. */
const wholeInputs = (inputs: number): number => Math.ceil(inputs / 8) * 8;
const wholeOutputs = (outputs: number): number => Math.ceil(outputs / 4) * 4;

export const integer: LinearWay = {
  name: 'linear-integer',
  exact: false,
  choice(layer) {
    const { shape, epilogue } = layer;
    const { count, inputs, outputs } = shape;
    const found = integersOf(layer.weight, outputs, epilogue);
    if (!found?.levels.every((level) => level >= -128 && level <= 127)) return undefined;
    const products = wholeInputs(inputs) * wholeOutputs(outputs);
    const each = count === 1 ? nanoseconds.single : count * nanoseconds.multiplyAdd;
    return {
      nanoseconds: products * each + count * (inputs * nanoseconds.rounded + outputs * nanoseconds.output),
      multiplyAdds: count * inputs * outputs,
      weightBytes: products,
      pack(machine) {
        const { levels, scale, factors, range } = integersOf(layer.weight, outputs, epilogue)!;
        const weights = packBlocks(machine, levels, inputs, outputs);
        const [factor, scales, bias] = [machine.put(factors), machine.put(inFours(scale)), machine.put(inFours(layer.bias()))];
        const { low, high } = epilogue;
        return {
          bind({ count }) {
            const own = machine.exports.integerLinearScratch(count, inputs);
            return {
              scratchBytes: machine.parts * own,
              run: (x, y, scratch) =>
                machine.inParts(count, 2, (count * products) / 2, ({ integerLinear }, first, rows, part) => {
                  const [from, to] = [x + 4 * first * inputs, y + 4 * first * outputs];
                  integerLinear(from, rows, inputs, factor, range, weights, outputs, scales, bias, low, high, to, scratch + part * own);
                }),
            };
          },
        };
      },
    };
  },
};

/** As assembly/kernels/integer-linear.ts reads them: four outputs × eight inputs side by side. */
function packBlocks(machine: Machine, levels: ArrayLike<number>, inputs: number, outputs: number): number {
  const width = wholeInputs(inputs);
  const out = new Int8Array(width * wholeOutputs(outputs));
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) out[(o >> 2) * 4 * width + (i >> 3) * 32 + (o & 3) * 8 + (i & 7)] = levels[o * inputs + i]!;
  return machine.put(out);
}
