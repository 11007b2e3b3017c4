/** Which values a gradient can be had for: those from which every path to an output goes through operators with a rule, in float32. */
import { inOrder } from '../base/order.js';
import type { NodeData } from '../base/tensor.js';
import type { Known } from '../graph/value.js';
import { opOf } from '../ops/list.js';
import { isFloat } from '../ops/pointwise.js';

/** Names of such values among all that the outputs depend on. `refused`: first outputs of nodes whose rule has said no. */
export function reachable(
  nodes: readonly NodeData[],
  types: ReadonlyMap<string, Known>,
  outputs: readonly string[],
  refused: ReadonlySet<string>,
): Set<string> {
  const open = new Set(outputs.filter((name) => types.get(name)?.dtype === 'float32'));
  const blocked = new Set<string>();
  for (const node of inOrder(nodes).toReversed()) {
    const leads = node.outputs.some((name) => open.has(name) || blocked.has(name));
    if (!leads) continue;
    const kind = opOf(node.op, node.domain)?.gradient.kind ?? 'missing';
    if (kind === 'zero') continue;
    const clear = kind === 'rule' && !refused.has(node.outputs[0]!) && !node.outputs.some((name) => blocked.has(name));
    for (const name of node.inputs) {
      const type = types.get(name);
      if (name === '' || (type && !isFloat(type.dtype))) continue; // no gradient crosses whole numbers and truth values
      (clear && type?.dtype === 'float32' ? open : blocked).add(name);
    }
  }
  return new Set([...open].filter((name) => !blocked.has(name)));
}
