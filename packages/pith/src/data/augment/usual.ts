/** The augmentation called `usual`: mild changes that keep the meaning of an image. Handwriting bends; photographs are flipped and shifted. */
import type { ImageShape } from '../dataset.js';

export const usualAugment = ({ channels }: ImageShape): string =>
  channels === 1 ? 'affine:rotate=8,scale=0.08,shear=0.08,shift=1;clean=0.25' : 'flip;crop:pad=4';

/** Milder ones, for networks of a few thousand bits, which cannot learn all that the usual ones show. */
export const mildAugment = ({ channels }: ImageShape): string =>
  channels === 1 ? 'affine:rotate=6,scale=0.065,shear=0.065,shift=0.8;clean=0.25' : 'flip;crop:pad=4';
