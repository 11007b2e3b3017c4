/** A node that is ready to be planned for any shapes. */
import type { NodeData } from '../model.js';
import type { NodeView } from '../operators/node-view.js';
import type { Operator, Planner } from '../operators/operator.js';

export interface PreparedNode {
  readonly node: NodeData;
  readonly operator: Operator;
  readonly view: NodeView;
  readonly plan: Planner;
  /** Names of nodes whose work is part of it. */
  readonly fused: readonly string[];
}
