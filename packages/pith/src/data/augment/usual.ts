/** The augmentation called `usual`: mild changes that keep the meaning of an image. Handwriting bends; photographs are flipped and shifted. */
import type { ImageShape } from '../dataset.js';

export const usualAugment = ({ channels }: ImageShape): string =>
  channels === 1 ? 'affine:rotate=8,scale=0.08,shear=0.08,shift=1;clean=0.25' : 'flip;crop:pad=4';
