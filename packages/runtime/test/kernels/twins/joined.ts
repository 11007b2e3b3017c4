/** Cases that make one: where what is spoiled need not be seen in each of them. */
import type { TwinCase } from '../twin.js';

export const joined = (what: string, cases: readonly TwinCase[]): TwinCase => ({
  what,
  tolerance: cases[0]!.tolerance,
  run(machine, spoil) {
    const all = cases.map((each) => {
      const { actual, expected } = each.run(machine, spoil);
      return { actual: Array.from(actual), expected: Array.from(expected) };
    });
    return { actual: all.flatMap(({ actual }) => actual), expected: all.flatMap(({ expected }) => expected) };
  },
});
