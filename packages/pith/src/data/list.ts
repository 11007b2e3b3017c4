/** Every kind of data set that pith recognises, in the order in which a folder is asked. A new one is one file and one line here. */
import { cifar } from './sources/cifar.js';
import { idx } from './sources/idx.js';
import { imageFolder } from './sources/image-folder.js';
import { npy } from './sources/npy.js';
import type { Source } from './sources/source.js';

export const sources: readonly Source[] = [cifar, idx, imageFolder, npy];
