/** Every pruning criterion, by the name that a recipe gives it. */
import type { Criterion } from './criterion.js';
import { lamp } from './lamp.js';
import { magnitude } from './magnitude.js';

export const criteria = { lamp, magnitude } as const satisfies Readonly<Record<string, Criterion>>;
export type CriterionName = keyof typeof criteria;
