/** What a loss owes: the nodes that make one scalar from the network's output and the target. */
import type { Builder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';

export interface Loss {
  readonly name: string;
  /** Mean over the batch. `output` and `target` have the same shape [N, …]. */
  build(op: Builder, output: Value, target: Value): Value;
}
