/** Adds independent noise to every value: nearly normal, `sigma` in units of the pixels (0 … 255). Results are not clipped. */
import { z } from 'zod';
import { policy } from './policy.js';

export const noise = policy({
  what: 'add noise to every pixel',
  settings: z.strictObject({ sigma: z.number().min(0).max(1e6).default(8) }),
  prepare:
    ({ sigma }) =>
    (from, to, random) => {
      for (let i = 0; i < from.length; i++) to[i] = from[i]! + sigma * random.bell();
      return true;
    },
});
