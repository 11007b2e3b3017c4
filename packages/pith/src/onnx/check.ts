/**
 * Whether a model makes sense: every value made once and before it is used somewhere, every name that is read made by somebody, no
 * cycles, versions that fit. Subgraphs see the names around them. Nodes may stand in any order: whoever needs them sorted sorts them.
 * Not here: types and shapes (ops/), and whether an operator is known.
 */
import { PithError, type Place } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import type { Attribute, GraphData, Model, Tensor } from '../base/tensor.js';
import { checkFunctions } from './functions.js';
import { checkVersions } from './versions.js';

/**
 * Throws what `checkVersions` and `checkFunctions` throw, `input.duplicate-name` (not in single static assignment form),
 * `input.missing-value` (read, or given as an output, but made by nobody) or `input.cycle`.
 */
export function checkModel(model: Model): void {
  checkVersions(model.irVersion, model.opsets);
  checkFunctions(model.functions);
  checkGraph(model.graph, new Set());
}

function checkGraph(graph: GraphData, outer: ReadonlySet<string>): void {
  const made = new Set<string>();
  const make = (name: string, at: Place): void => {
    if (made.has(name))
      throw new PithError('input.duplicate-name', { at, expected: 'a name for one value', got: `a second value called "${name}"` });
    made.add(name);
  };
  for (const input of graph.inputs) make(input.name, { section: 'inputs' });
  // An initializer that is also an input is that input's default.
  const inputs = new Set(made);
  for (const name of [...graph.initializers.keys(), ...graph.opaqueInitializers.keys()])
    if (!inputs.has(name)) make(name, { tensor: name });
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') make(name, { node: node.name, op: node.op });

  const scope = new Set(outer);
  for (const name of made) scope.add(name);
  const need = (name: string, at: Place): void => {
    if (!scope.has(name))
      throw new PithError('input.missing-value', {
        at,
        expected: `"${name}" to be an input, an initializer or the output of a node`,
        got: 'a name that nothing gives',
      });
  };
  for (const node of graph.nodes) for (const name of node.inputs) if (name !== '') need(name, { node: node.name, op: node.op });
  for (const output of graph.outputs) need(output.name, { section: 'outputs' });
  inOrder(graph.nodes);
  for (const node of graph.nodes)
    for (const attribute of node.attributes.values()) for (const inner of subgraphs(attribute)) checkGraph(inner, scope);
}

const subgraphs = (attribute: Attribute): readonly GraphData[] =>
  attribute.kind === 'graph' ? [attribute.value] : attribute.kind === 'graphs' ? attribute.value : [];

/** Throws `numeric.weight`, naming tensor and element, where an initializer or a constant holds NaN or infinity. */
export function checkFinite(model: Model): void {
  checkFiniteIn(model.graph);
}

function checkFiniteIn(graph: GraphData): void {
  for (const [name, tensor] of graph.initializers) checkTensor(tensor, name);
  for (const node of graph.nodes)
    for (const attribute of node.attributes.values()) {
      if (attribute.kind === 'tensor') checkTensor(attribute.value, node.outputs[0] ?? node.name);
      for (const inner of subgraphs(attribute)) checkFiniteIn(inner);
    }
}

function checkTensor(tensor: Tensor, name: string): void {
  const at = firstNotFinite(tensor);
  if (at < 0) return;
  const { data, dtype } = tensor;
  const got = dtype === 'float32' || dtype === 'float64' ? String(data[at]) : `${dtype} bits 0x${Number(data[at]).toString(16)}`;
  throw new PithError('numeric.weight', {
    at: { tensor: name },
    expected: 'finite numbers',
    got: `${got} at element ${at}`,
    fix: 'the training of this model diverged; use an earlier checkpoint',
  });
}

/** The index of the first NaN or infinity, −1 where all is finite. Half-size floats are told by their exponent: all ones. */
function firstNotFinite({ dtype, data }: Tensor): number {
  const exponent = dtype === 'float16' ? 0x7c00 : dtype === 'bfloat16' ? 0x7f80 : 0;
  if (exponent) {
    for (let i = 0; i < data.length; i++) if ((Number(data[i]!) & exponent) === exponent) return i;
  } else if (dtype === 'float32' || dtype === 'float64') {
    const numbers = data as Float32Array | Float64Array;
    for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return i;
  }
  return -1;
}
