/**
 * Augmentations by name: `usual` has mild changes that keep the meaning of an image (handwriting bends; photographs are flipped and shifted),
 * `mild` milder ones, for networks of a few thousand bits, which cannot learn all that the usual ones show.
 */
import { z } from 'zod';
import { PithError } from '../../base/errors.js';
import type { ImageShape } from '../dataset.js';
import { type Augmentation, type AugmentSpec, parseAugment } from './augment.js';

const photographs = 'flip;crop:pad=4';

const handwriting = {
  usual: 'affine:rotate=8,scale=0.08,shear=0.08,shift=1;clean=0.25',
  mild: 'affine:rotate=6,scale=0.065,shear=0.065,shift=0.8;clean=0.25',
} as const;

/** The augmentation `usual`, `mild` or `none` (undefined) of such images; anything else is a spec. Throws `usage.augment`. */
export function namedAugment(spec: AugmentSpec | string, { channels }: ImageShape): Augmentation | undefined {
  if (spec === 'none') return undefined;
  if (spec !== 'usual' && spec !== 'mild') return parseAugment(spec);
  return parseAugment(channels === 1 ? handwriting[spec] : photographs);
}

/** At once, not when training gets there. Throws `usage.augment`. */
export const checkAugment = (spec: AugmentSpec | string): unknown => namedAugment(spec, { channels: 1, height: 1, width: 1 });

/** A setting of steps: a name, a spec as text, or one as an object. */
export const augmentSetting = z
  .custom<AugmentSpec | string>((given) => typeof given === 'string' || (typeof given === 'object' && given !== null))
  .superRefine((given, context) => {
    try {
      checkAugment(given);
    } catch (error) {
      if (!(error instanceof PithError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
