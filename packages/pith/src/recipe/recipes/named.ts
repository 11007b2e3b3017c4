/** What a recipe that can be named on the command line owes: a planner for a model, targets, and what else was asked. */
import type { Model } from '../../base/tensor.js';
import type { Ladder } from '../search/frontier.js';
import type { Planner, Targets } from '../targets.js';

/** What can be said beside targets; each recipe takes some of it. */
export interface Knobs {
  /** Share of the weights that is kept. */
  readonly density?: number | undefined;
  /** Epochs of retraining in a round. */
  readonly epochs?: number | undefined;
  /** Loss per bit. */
  readonly lambda?: number | undefined;
  /** Hidden units of each layer to begin with, in the order of the graph. */
  readonly slim?: readonly number[] | undefined;
  /** Changes of the images while it trains: a spec, `mild`, `usual` or `none`. */
  readonly augment?: string | undefined;
  /** λ of the points of a whole curve. */
  readonly frontier?: Ladder | undefined;
  /** SHA-256 of the models that teach, where it is not the one that came. */
  readonly teacher?: readonly string[] | undefined;
}

export interface PlannerOptions {
  readonly model: Model;
  readonly targets: Targets;
  readonly knobs: Knobs;
}

export interface NamedRecipe {
  readonly name: string;
  readonly what: string;
  readonly takes: readonly (keyof Knobs)[];
  /** Images of a step of training. */
  readonly batch: number;
  /** Whether workers share the batches of this model's training. */
  parallel(model: Model): boolean;
  planner(options: PlannerOptions): Planner;
}
