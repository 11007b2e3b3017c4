/**
 * How many worker threads train where nobody says: one for each core where a step is long enough for workers to gain by it, none for small
 * networks. The number is kept in the run folder, so that a run resumed on another machine ends with the same bytes.
 */
import { availableParallelism } from 'node:os';
import type { Model } from '../base/tensor.js';
import { costIfKnown } from '../cost/cost.js';
import type { Dataset } from '../data/dataset.js';
import { recipeOf } from '../recipe/compress.js';
import { parseRecipe, type Step } from '../recipe/recipe.js';
import type { Job } from './job.js';

/** Multiply-adds of one image from which on workers gain: LeNet-300-100 (266,200) is slower with them, LeNet-5 (2.3 million) faster. */
const worthwhile = 1e6;
const mostWorkers = 8;

/** A power of two, so that batches divide; 0 where one session is the better choice, or where a batch cannot be split evenly. */
export function usualWorkers(model: Model, data: Dataset, recipe: Job['recipe']): number {
  if ((costIfKnown(model)?.totals.multiplyAdds ?? 0) < worthwhile) return 0;
  const workers = 2 ** Math.floor(Math.log2(Math.min(availableParallelism(), mostWorkers)));
  const batches = trainSteps(recipe).map(({ batch }) => Math.min(batch, data.train.count));
  return workers > 1 && batches.every((batch) => batch % workers === 0) ? workers : 0;
}

function trainSteps(recipe: Job['recipe']): Extract<Step, { use: 'train' }>[] {
  // The batches of a named recipe are the same at every density.
  const given =
    typeof recipe === 'string' ? { version: 1, name: recipe, steps: recipeOf(recipe).whole({ density: 0.1, epochs: 1 }) } : recipe;
  return parseRecipe(given).steps.filter((step) => step.use === 'train');
}
