/** What a recipe that can be named on the command line owes: its steps at a density, so that a search can move that one number. */
import type { StepInput } from '../recipe.js';

export interface Aim {
  /** Share of the weights that is kept at the end. */
  readonly density: number;
  /** Epochs of retraining in all, about. */
  readonly epochs: number;
}

export interface NamedRecipe {
  readonly name: string;
  readonly what: string;
  /** Share of the weights that is kept where no target says otherwise. */
  readonly density: number;
  /** Steps from a trained network. */
  whole(aim: Aim): readonly StepInput[];
  /** Steps from a network that is already pruned and retrained at a larger density. */
  further(aim: Aim): readonly StepInput[];
}
