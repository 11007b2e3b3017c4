/** Every step of recipes, by name. A new one is a file and a line here. */
import { prune } from './prune.js';
import { rate } from './rate.js';
import { share } from './share.js';
import { train } from './train.js';

export const steps = { prune, rate, share, train };
export type StepName = keyof typeof steps;
