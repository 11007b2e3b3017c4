/**
 * How many worker threads train where nobody says: one for each core where a step is long enough for workers to gain by it, none for small
 * networks. The number is kept in the run folder, so that a run resumed on another machine ends with the same bytes.
 */
import { availableParallelism } from 'node:os';
import type { Model } from '../base/tensor.js';
import { costIfKnown } from '../cost/cost.js';
import type { Dataset } from '../data/dataset.js';
import { recipeOf } from '../recipe/compress.js';
import { parseRecipe } from '../recipe/recipe.js';
import type { Job } from './job.js';

/** Multiply-adds of one image from which on workers gain: LeNet-300-100 (266,200) is slower with them, LeNet-5 (2.3 million) faster. */
const worthwhile = 1e6;
const mostWorkers = 8;

/** A power of two, so that batches divide; 0 where one session is the better choice, or where a batch cannot be split evenly. */
export function usualWorkers(model: Model, data: Dataset, recipe: Job['recipe']): number {
  if ((costIfKnown(model)?.totals.multiplyAdds ?? 0) < worthwhile) return 0;
  const workers = 2 ** Math.floor(Math.log2(Math.min(availableParallelism(), mostWorkers)));
  const { batches, parallel } = trainingOf(recipe, model);
  const even = batches.every((batch) => Math.min(batch, data.train.count) % workers === 0);
  return parallel && workers > 1 && even ? workers : 0;
}

/** Batches of a recipe's training, and whether workers can share them. */
function trainingOf(recipe: Job['recipe'], model: Model): { readonly batches: readonly number[]; readonly parallel: boolean } {
  if (typeof recipe !== 'string')
    return {
      batches: parseRecipe(recipe).steps.flatMap((s) => (s.use === 'train' || (s.use === 'rate' && s.normalized) ? [s.batch] : [])),
      parallel: true,
    };
  const { batch, parallel } = recipeOf(recipe);
  return { batches: [batch], parallel: parallel(model) };
}
