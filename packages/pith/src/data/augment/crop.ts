/** Pads on all sides, then cuts a window of the old size at a random place: what is customary for CIFAR, with 4 pixels of padding. */
import { z } from 'zod';
import { policy } from './policy.js';
import { translator } from './translate.js';

export const crop = policy({
  what: 'pad, then cut a random window',
  settings: z.strictObject({ pad: z.int().min(1).max(1024).default(4), fill: z.enum(['zero', 'edge', 'reflect']).default('zero') }),
  prepare: ({ pad, fill }, shape) => {
    const move = translator(shape, fill);
    const reachX = Math.min(pad, shape.width - 1);
    const reachY = Math.min(pad, shape.height - 1);
    return (from, to, random) => {
      const dx = reachX - random.below(2 * reachX + 1);
      const dy = reachY - random.below(2 * reachY + 1);
      if (dx === 0 && dy === 0) return false;
      move(from, to, dx, dy);
      return true;
    };
  },
});
