/**
 * What an augmentation owes. It sees one image as float planes of raw pixel values (before scaling) and writes a changed copy; it draws
 * all its chance from the stream it is given, so that an image of an epoch always comes out the same.
 */
import type { z } from 'zod';
import type { ImageShape } from '../dataset.js';
import type { SampleRandom } from '../sample-random.js';

/** Writes a changed copy of `from` into `to`, both [C, H, W], and says true; or leaves `to` alone and says false. */
export type Change = (from: Float32Array, to: Float32Array, random: SampleRandom) => boolean;

export interface Policy<S extends z.ZodObject = z.ZodObject> {
  readonly what: string;
  /** Names, limits and defaults of the settings. */
  readonly settings: S;
  prepare(settings: z.output<S>, shape: ImageShape): Change;
}

/** Keeps the type of the settings between the schema and `prepare`. */
export const policy = <S extends z.ZodObject>(given: Policy<S>): Policy<S> => given;
