/**
 * What training needs of a data set: images as planes of numbers, one label each, the names of the classes, a part to train on and a part
 * to test on. Every source makes this, whatever lies on disk; batching reads nothing else. Not here: files (files.ts, sources/), how pixels
 * become the numbers that a network sees (preprocess.ts).
 */
import { PithError } from '../base/errors.js';

/** Size of one image. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Split extends ImageShape {
  /** [count, channels, height, width], row-major: 0 … 255, or floats as the file has them. */
  readonly images: Uint8Array | Float32Array;
  readonly count: number;
  /** [count]: index into the classes of the data set. */
  readonly labels: Uint16Array;
}

export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: Split;
  readonly test: Split;
}

/** Numbers of one image. */
export const pixelsOf = (shape: ImageShape): number => shape.channels * shape.height * shape.width;

/** An image's size as people write it, 3×32×32. */
const shapeText = (shape: ImageShape): string => `${shape.channels}×${shape.height}×${shape.width}`;

/** The first `count` images of a split, without copying. */
export const firstImages = (split: Split, count: number): Split => ({
  ...split,
  count,
  images: split.images.subarray(0, count * pixelsOf(split)),
  labels: split.labels.subarray(0, count),
});

/** Where each part came from, for messages. */
export interface SplitFiles {
  readonly train: string;
  readonly test: string;
}

/**
 * The last step of every source: nothing leaves it that later code would have to doubt.
 * Throws `input.data-empty`, `input.data-count`, `input.label`, `input.pixel`.
 */
export function checkDataset(data: Dataset, files: SplitFiles): Dataset {
  for (const part of ['train', 'test'] as const) {
    const split = data[part];
    const at = { file: files[part] };
    if (split.count === 0 || pixelsOf(split) === 0)
      throw new PithError('input.data-empty', {
        at,
        expected: `at least one image to ${part} on`,
        got: `${split.count} of ${shapeText(split)}`,
        fix: 'point --data at a folder that holds images',
      });
    if (split.labels.length !== split.count || split.images.length !== split.count * pixelsOf(split))
      throw new PithError('input.data-count', {
        at,
        expected: `one label for each of ${split.images.length / pixelsOf(split)} images`,
        got: `${split.labels.length} labels`,
        fix: 'the two files do not belong together: fetch both again',
      });
    checkLabels(split.labels, data.classes.length, files[part]);
    if (split.images instanceof Float32Array) checkFinite(split.images, files[part]);
  }
  return data;
}

/** Throws `input.image-size` where the images of the two parts differ in size. */
export function checkSameSize(data: Dataset, file: string): Dataset {
  if (shapeText(data.train) !== shapeText(data.test))
    throw new PithError('input.image-size', {
      at: { file },
      expected: `test images of ${shapeText(data.train)} as the training images`,
      got: shapeText(data.test),
      fix: 'give --size to bring all images to one size',
    });
  return data;
}

function checkLabels(labels: Uint16Array, classes: number, file: string): void {
  for (let i = 0; i < labels.length; i++)
    if (labels[i]! >= classes)
      throw new PithError('input.label', {
        at: { file },
        expected: `labels in 0 … ${classes - 1}, the classes of the training data`,
        got: `${labels[i]} for image ${i}`,
        fix: 'correct the label, or name all classes by the option "classes"',
      });
}

function checkFinite(values: Float32Array, file: string): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new PithError('input.pixel', {
        at: { file },
        expected: 'finite numbers',
        got: `${values[i]} at element ${i}`,
        fix: 'replace NaN and infinity before saving the array',
      });
}

/** Class names 0, 1, … for sources that know numbers only: as many as the training labels name. */
export function numberedClasses(labels: Uint16Array, given: readonly string[] | undefined): readonly string[] {
  if (given) return given;
  let most = -1;
  for (const label of labels) if (label > most) most = label;
  return Array.from({ length: most + 1 }, (_, i) => String(i));
}
