/** What a model is looked at with: the user's own inputs, or made ones. Unlabelled. */
import type { Feeds } from '../engine/engine.js';

export interface Samples {
  readonly count: number;
  /** Given by the user, made to match the statistics of the batch norms, or drawn. */
  readonly origin: 'given' | 'distilled' | 'noise';
  /** Feeds for all inputs of the model, for samples start … start + count − 1 as one batch. */
  feeds(start: number, count: number): Feeds;
}
