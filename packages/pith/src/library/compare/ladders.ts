/** What is trained for a comparison: ladders of Deep Compression's steps, and the curve of `rated`. Methods take their points from these. */
import type { Model } from '../../base/tensor.js';
import { recipeOf } from '../../recipe/compress.js';
import { retrainingEpochs } from '../../recipe/effort.js';
import type { StepInput } from '../../recipe/recipe.js';
import { densityRecipe } from '../../recipe/recipes/deep-compression.js';
import { ladderPlan } from '../../recipe/search/ladder.js';
import type { Planner } from '../../recipe/targets.js';

export interface LadderSettings {
  readonly model: Model;
  /** Rungs. */
  readonly points: number;
  /** Of retraining, about; absent: by the size of the network. */
  readonly epochs: number | undefined;
}

/** So many numbers from a to b, each the same factor from the one before. */
export const spread = (a: number, b: number, points: number): number[] =>
  Array.from({ length: points }, (_, i) => Number((a * (b / a) ** (points === 1 ? 0 : i / (points - 1))).toPrecision(3)));

const densities = { most: 0.3, least: 0.01 } as const;
const lambdas = { least: 1e-6, most: 1e-4 } as const;
const mostBits = 6;

/** Prune, retrain, share, train the centroids, as in Deep Compression; the next rung goes on before sharing. */
function pruneShare({ model, points, epochs = retrainingEpochs(model) }: LadderSettings): Planner {
  const rungs = spread(densities.most, densities.least, points).map((density) => ({
    aim: density,
    steps: densityRecipe.further({ density, epochs }),
  }));
  return ladderPlan({ name: 'prune-share', rungs, goesOnAt: 1 });
}

/** Nothing is pruned: codebooks of fewer and fewer centroids, trained. */
function share({ model, points, epochs = retrainingEpochs(model) }: LadderSettings): Planner {
  const [, , , train] = densityRecipe.further({ density: 1, epochs });
  const bits = [...new Set(spread(mostBits, 1, points).map(Math.round))];
  const rungs = bits.map((b): { aim: number; steps: StepInput[] } => ({ aim: b, steps: [{ use: 'share', bits: b }, train!] }));
  return ladderPlan({ name: 'share', rungs, goesOnAt: -1 });
}

function rated({ model, points, epochs }: LadderSettings): Planner {
  const frontier = spread(lambdas.least, lambdas.most, points);
  return recipeOf('rated').planner({ model, targets: {}, knobs: { frontier, ...(epochs !== undefined && { epochs }) } });
}

/** Every ladder, by name. */
export const ladders = { 'prune-share': pruneShare, share, rated } as const satisfies Readonly<
  Record<string, (settings: LadderSettings) => Planner>
>;
export type LadderName = keyof typeof ladders;
