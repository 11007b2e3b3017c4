/**
 * Reverse mode as a graph transform: adds to a graph the nodes that compute the gradient of a scalar, or that carry given gradients of some
 * values back to others; standard operators only.
 * Invariant: never runs anything and never looks at weight values. Griewank and Walther, Evaluating Derivatives, 2008, chapter 3.
 */
import { PithError } from '../base/errors.js';
import { inOrder, reads } from '../base/order.js';
import { sameDims } from '../base/shape.js';
import type { NodeData } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Known, Value } from '../graph/value.js';
import { opOf } from '../ops/list.js';
import { type GradientView, NodeView } from '../ops/op.js';

export interface GradientOptions {
  /** Adds the nodes; its graph holds the forward pass. */
  readonly builder: Builder;
  /** Types of all values of the forward pass. */
  readonly types: ReadonlyMap<string, Known>;
  /** The scalar to differentiate; or values of which a gradient is given, of their own shape. */
  readonly of: string | ReadonlyMap<string, Value>;
  /** The values with respect to which it is differentiated. */
  readonly to: readonly string[];
  /** What the gradients of a scalar are multiplied by; default 1. */
  readonly seed?: number;
}

/**
 * Gradient values by name of `to`; one that nothing of `of` depends on is missing. Throws `unsupported.gradient`, naming operator and
 * node, where the path crosses an operator without a rule.
 */
export function gradients({ builder, types, of, to, seed = 1 }: GradientOptions): Map<string, Value> {
  const nodes = inOrder(builder.graph.nodes);
  const active = activeValues(nodes, builder.stopped, new Set(to));
  const lookup = (name: string): Value => {
    const type = types.get(name);
    if (!type) throw new PithError('bug.gradient', { at: { tensor: name }, expected: 'a value of known type', got: 'none' });
    return { ...type, name };
  };
  const given = typeof of === 'string' ? new Map([[of, builder.scalar(seed, lookup(of).dtype)]]) : of;
  const gifts = new Map<string, Value[]>([...given].map(([name, value]) => [name, [value]]));
  const sums = new Map<string, Value>();
  const total = (name: string): Value | undefined => {
    const known = sums.get(name);
    if (known) return known;
    const list = gifts.get(name);
    if (!list) return undefined;
    const sum = list.reduce((a, b) => builder.Add(a, b));
    sums.set(name, sum);
    return sum;
  };
  for (const node of nodes.toReversed())
    if (node.outputs.some((name) => active.has(name) && gifts.has(name)) && !node.outputs.some((name) => builder.stopped.has(name)))
      visit({ node, builder, lookup, total, active, gifts });
  const found = to.map((name) => [name, total(name)] as const);
  return new Map(found.filter((pair): pair is readonly [string, Value] => pair[1] !== undefined));
}

/** Values that depend on one of `to` along a path that gradients cross. */
function activeValues(nodes: readonly NodeData[], stopped: ReadonlySet<string>, to: ReadonlySet<string>): Set<string> {
  const active = new Set(to);
  for (const node of nodes)
    if (reads(node).some((name) => active.has(name)))
      for (const name of node.outputs) if (name !== '' && !stopped.has(name)) active.add(name);
  return active;
}

interface Visit {
  readonly node: NodeData;
  readonly builder: Builder;
  readonly lookup: (name: string) => Value;
  readonly total: (name: string) => Value | undefined;
  readonly active: ReadonlySet<string>;
  readonly gifts: Map<string, Value[]>;
}

function visit({ node, builder, lookup, total, active, gifts }: Visit): void {
  const op = opOf(node.op, node.domain);
  const rule = op?.gradient ?? { kind: 'missing' as const, why: 'pith does not know this operator' };
  if (rule.kind === 'zero') return;
  if (rule.kind === 'missing')
    throw new PithError('unsupported.gradient', {
      at: { node: node.name, op: node.op },
      expected: 'an operator with a gradient rule between the weights and the loss',
      got: rule.why,
      fix: 'freeze the weights before it, or compress without training',
    });
  const view = new NodeView(
    node,
    builder.opset,
    node.inputs.map((name) => (name === '' ? undefined : lookup(name))),
  );
  let current = node;
  rule.build(
    Object.assign(Object.create(view) as GradientView, {
      op: builder,
      x: (i: number) => lookup(node.inputs[i]!),
      y(i: number): Value {
        const name = current.outputs[i] ?? '';
        if (name !== '') return lookup(name);
        const outputs = Array.from({ length: Math.max(i + 1, current.outputs.length) }, (_, k) => current.outputs[k] ?? '');
        outputs[i] = builder.graph.fresh(`${node.outputs[0]}_${i}`);
        const wider = { ...current, outputs };
        builder.graph.replace(current, wider);
        current = wider;
        return { ...op!.infer(new NodeView(wider, builder.opset, view.inputs))[i]!, name: outputs[i] };
      },
      reached: (i: number) => (node.outputs[i] ?? '') !== '' && gifts.has(node.outputs[i]!),
      dy(i: number): Value {
        const sum = total(node.outputs[i]!);
        if (!sum)
          throw new PithError('bug.gradient', { at: { node: node.name, op: node.op }, expected: `a gradient of output ${i}`, got: 'none' });
        return sum;
      },
      wants: (i: number) => (node.inputs[i] ?? '') !== '' && active.has(node.inputs[i]!),
      give(i: number, gradient: Value): void {
        const name = node.inputs[i]!;
        if (!active.has(name)) return;
        const gift = unbroadcast(builder, gradient, lookup(name).dims);
        const list = gifts.get(name);
        if (list) list.push(gift);
        else gifts.set(name, [gift]);
      },
    }),
  );
}

/** Sums over the axes along which a value of `dims` was broadcast; expands a gradient that is itself smaller. */
function unbroadcast(op: Builder, gradient: Value, dims: readonly number[]): Value {
  if (sameDims(gradient.dims, dims)) return gradient;
  const pad = gradient.dims.length - dims.length;
  const extra = gradient.dims.flatMap((d, i) => (i < pad || (dims[i - pad] === 1 && d !== 1) ? [i] : []));
  // Where the axes are the leading ones alone, they are dropped at once.
  const summed = extra.length ? op.ReduceSum(gradient, extra, extra.length !== pad) : gradient;
  const shaped = summed.dims.length === dims.length ? summed : op.Reshape(summed, summed.dims.slice(Math.max(0, pad)));
  return sameDims(shaped.dims, dims) ? shaped : op.Expand(shaped, dims);
}
