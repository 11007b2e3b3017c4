/** What a loss owes: the nodes that make one scalar from the network's output and the target. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';

/** What a loss may ask for beside the network's output and the target. */
export interface LossContext {
  /** A graph input that whoever trains feeds at each step, the same for all images. */
  feed(name: string, dims: readonly number[]): Value;
  /** One that has a row for each image, [N, …]: where the batch is split, each part gets its rows. */
  feedRows(name: string, dims: readonly number[]): Value;
  /** The trained arrays of a parametrized weight, in the order of its parametrization. */
  trained(weight: string): readonly Value[];
}

export interface Loss {
  readonly name: string;
  /** Mean over the batch. `output` and `target` have the same shape [N, …]. */
  build(op: Builder, output: Value, target: Value, context: LossContext): Value;
}
