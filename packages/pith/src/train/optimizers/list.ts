/** Every optimizer, by the name that a recipe gives it. */
import { adam } from './adam.js';
import { sgd } from './sgd.js';

export const optimizers = { adam, sgd };
export type OptimizerName = keyof typeof optimizers;
