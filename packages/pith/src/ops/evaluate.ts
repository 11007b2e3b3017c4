/** Evaluates a graph with the float64 references: slow, obvious, and what everything else is compared with. */
import { PithError } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import type { GraphData } from '../base/tensor.js';
import { checkUnderstood } from '../onnx/versions.js';
import { opOf } from './list.js';
import { NodeView, type Ref } from './op.js';
import { fromRef, toRef } from './ref.js';

/** Outputs by name from inputs by name. Throws `unsupported.opset`, `unsupported.op` and whatever the rules throw. */
export function evaluate(graph: GraphData, opset: number, feeds: ReadonlyMap<string, Ref>): Map<string, Ref> {
  checkUnderstood(opset);
  const values = new Map<string, Ref>(feeds);
  for (const [name, tensor] of graph.initializers) if (!values.has(name)) values.set(name, toRef(tensor));
  for (const node of inOrder(graph.nodes)) {
    const op = opOf(node.op, node.domain);
    if (!op)
      throw new PithError('unsupported.op', {
        at: { node: node.name, op: node.op },
        expected: 'an operator with a reference',
        got: node.op,
      });
    const inputs = node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = values.get(name);
      if (!value)
        throw new PithError('input.missing-value', { at: { node: node.name, op: node.op }, expected: `a value "${name}"`, got: 'none' });
      return value;
    });
    // Only small values can matter as constants (shapes, axes), so only these are converted.
    const known = inputs.map((r) => r && (r.data.length <= 64 && r.data.every(Number.isFinite) ? { ...r, constant: fromRef(r) } : r));
    op.reference(new NodeView(node, opset, known), inputs).forEach((ref, i) => {
      const name = node.outputs[i] ?? '';
      if (name !== '') values.set(name, ref);
    });
  }
  return new Map(graph.outputs.map((v) => [v.name, values.get(v.name)!]));
}
