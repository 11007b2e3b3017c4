/** What a loss is given while its graph is built, and the record of what it asked to be fed. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';
import type { LossContext } from './loss.js';

/** A graph input of the loss. */
export interface Fed {
  readonly name: string;
  readonly dims: readonly number[];
  /** It has a row for each image of the batch. */
  readonly perImage: boolean;
}

export interface RecordedContext extends LossContext {
  /** In the order in which they were asked for. */
  readonly feeds: readonly Fed[];
}

export function lossContext(builder: Builder, trained: LossContext['trained']): RecordedContext {
  const feeds: Fed[] = [];
  const ask = (name: string, dims: readonly number[], perImage: boolean): Value => {
    feeds.push({ name, dims, perImage });
    return builder.input(name, { dtype: 'float32', dims });
  };
  return { feeds, feed: (name, dims) => ask(name, dims, false), feedRows: (name, dims) => ask(name, dims, true), trained };
}
