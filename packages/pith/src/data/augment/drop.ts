/** Sets random pixels to 0, all channels of a pixel together, each with probability `chance`. */
import { z } from 'zod';
import { policy } from './policy.js';

export const drop = policy({
  what: 'blacken random pixels',
  settings: z.strictObject({ chance: z.number().min(0).max(1).default(0.1) }),
  prepare: ({ chance }, { channels, height, width }) => {
    const area = height * width;
    const below = chance * 4294967296;
    return (from, to, random) => {
      for (let i = 0; i < area; i++) {
        const kept = random.word() >= below;
        for (let c = 0; c < channels; c++) to[c * area + i] = kept ? from[c * area + i]! : 0;
      }
      return true;
    };
  },
});
