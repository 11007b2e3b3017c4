/**
 * Which value of a squeezed model is which value of the original: a file keeps no names of values inside, but the nodes keep their order.
 * The original is prepared as a squeeze prepares it, so that the two graphs are alike node by node.
 */
import { inOrder } from '../base/order.js';
import type { GraphData, Model, NodeData } from '../base/tensor.js';
import { foldBatchNorm } from '../rewrite/fold-batch-norm.js';
import { liftConstants } from '../rewrite/lift-constants.js';
import { roleOf } from './roles.js';
import { type Uses, usesOf } from './uses.js';

export interface Aligned {
  /** The original, or what a squeeze makes of it before it rounds. */
  readonly a: Model;
  /** Of each node that reads weights, its first output in `a` and the same value in the other model; in the order of the nodes. */
  readonly layers: readonly { readonly name: string; readonly a: string; readonly b: string }[];
}

/** Undefined where the graphs differ in more than a squeeze changes. */
export function align(given: Model, b: Model): Aligned | undefined {
  const lifted = liftConstants(given);
  for (const a of [given, lifted, foldBatchNorm(lifted).model]) {
    const pairs = paired(a.graph, b.graph);
    if (!pairs) continue;
    const heavy = nodesWithWeights(usesOf(a));
    const layers = pairs.flatMap(([x, y]) => {
      const at = x.outputs.findIndex((name) => name !== '');
      return heavy.has(x) && at >= 0 ? [{ name: `${x.op} ${x.name || x.outputs[at]!}`, a: x.outputs[at]!, b: y.outputs[at]! }] : [];
    });
    return { a, layers };
  }
  return undefined;
}

function paired(a: GraphData, b: GraphData): [NodeData, NodeData][] | undefined {
  const [x, y] = [inOrder(a.nodes), inOrder(b.nodes)];
  if (x.length !== y.length) return undefined;
  const pairs = x.map((node, i): [NodeData, NodeData] => [node, y[i]!]);
  const alike = pairs.every(([p, q]) => p.op === q.op && p.domain === q.domain && p.outputs.length === q.outputs.length);
  return alike ? pairs : undefined;
}

const nodesWithWeights = ({ of }: Uses): Set<NodeData> =>
  new Set(
    [...of.values()]
      .flat()
      .filter((use) => !use.inside && ['weight', 'unknown'].includes(roleOf(use)))
      .map(({ node }) => node),
  );
