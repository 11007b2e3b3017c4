/** What a source owes: to know its files by their names, and to make a data set of them. */
import type { Dataset } from '../dataset.js';
import type { ReadContext, Tree } from '../tree.js';

export interface SourceOptions extends ReadContext {
  /** Height and width that differing images are brought to. */
  readonly size: readonly [number, number] | undefined;
  /** Image folders: read all as gray or all as colour; undefined: as the first image is. */
  readonly channels: 1 | 3 | undefined;
  /** Names of the classes, for sources that only know numbers. */
  readonly classes: readonly string[] | undefined;
  /** Order of the axes of arrays of rank 4. */
  readonly axes: 'chw' | 'hwc' | undefined;
}

export interface Source {
  readonly name: string;
  /** What such a folder holds: for the message where nothing is recognised, and for help texts. */
  readonly holds: string;
  /** True where reading takes long enough to keep the result (cache.ts). */
  readonly slow: boolean;
  matches(tree: Tree): boolean;
  open(tree: Tree, options: SourceOptions): Promise<Dataset>;
}
