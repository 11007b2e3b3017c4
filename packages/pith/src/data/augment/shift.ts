/** Moves by whole pixels, up to `x` to either side and `y` up or down; 0 comes in. */
import { z } from 'zod';
import { policy } from './policy.js';
import { translator } from './translate.js';

const pixels = z.int().min(0).max(1024).default(0);

export const shift = policy({
  what: 'move by whole pixels',
  settings: z.strictObject({ x: pixels, y: pixels, fill: z.enum(['zero', 'edge', 'reflect']).default('zero') }),
  prepare: ({ x, y, fill }, shape) => {
    const move = translator(shape, fill);
    const reachX = Math.min(x, shape.width - 1);
    const reachY = Math.min(y, shape.height - 1);
    return (from, to, random) => {
      const dx = random.below(2 * reachX + 1) - reachX;
      const dy = random.below(2 * reachY + 1) - reachY;
      if (dx === 0 && dy === 0) return false;
      move(from, to, dx, dy);
      return true;
    };
  },
});
