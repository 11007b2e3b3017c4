/** Every recipe that has a name. A new one is a file and a line here. */
import { deepCompression } from './deep-compression.js';
import type { NamedRecipe } from './named.js';
import { rated } from './rated.js';

export const recipes: readonly NamedRecipe[] = [deepCompression, rated];
