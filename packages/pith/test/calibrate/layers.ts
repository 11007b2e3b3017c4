/** The layers of small models, as the inventory sees them, but however small their weights are. */
import type { Model } from '../../src/base/tensor.js';
import type { WeightLayer } from '../../src/calibrate/layer.js';
import { usesOf } from '../../src/squeeze/uses.js';
import { viewOf } from '../../src/squeeze/view.js';

/** One for each initializer that is read as a weight, in the order of the nodes. A `b` is the bias of all. */
export function layersOf(model: Model): WeightLayer[] {
  return [...usesOf(model).of].flatMap(([weight, uses]) => {
    const found = uses.flatMap((use) => {
      const view = use.inside ? undefined : viewOf(use);
      return view ? [{ use, view }] : [];
    })[0];
    if (!found) return [];
    const { use, view } = found;
    const readers = [...new Set(uses.map(({ node }) => node))];
    const bias = model.graph.initializers.has('b') ? { bias: 'b' } : {};
    return [{ weight, op: use.node.op, node: use.node.outputs.find((name) => name !== '')!, readers, ...view, ...bias }];
  });
}
