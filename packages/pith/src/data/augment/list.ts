/**
 * Every augmentation, in the order in which they are applied, whatever the order in a spec: geometry first, then noise. A new one is one
 * file and one line here.
 */
import { affine } from './affine.js';
import { crop } from './crop.js';
import { drop } from './drop.js';
import { flip } from './flip.js';
import { noise } from './noise.js';
import { shift } from './shift.js';

export const policies = { flip, crop, shift, affine, noise, drop } as const;
