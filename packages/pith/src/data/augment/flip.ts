/** Mirrors left and right, with a probability. Not for digits or letters. */
import { z } from 'zod';
import { policy } from './policy.js';

export const flip = policy({
  what: 'mirror left and right',
  settings: z.strictObject({ chance: z.number().min(0).max(1).default(0.5) }),
  prepare: ({ chance }, { channels, height, width }) => {
    const rows = channels * height;
    return (from, to, random) => {
      if (random.unit() >= chance) return false;
      for (let row = 0; row < rows * width; row += width) for (let x = 0; x < width; x++) to[row + x] = from[row + width - 1 - x]!;
      return true;
    };
  },
});
