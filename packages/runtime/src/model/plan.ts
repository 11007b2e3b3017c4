/**
 * From a graph to a list of steps: each node gets its kernel, prepared from the stored form of its weights; values are dropped after
 * their last use. A graph with an operator that has no kernel is refused as a whole, with the list of all of them.
 */
import { PithError } from '../errors.js';
import type { PithFile } from '../format/read.js';
import { densify, type StoredTensor } from '../format/stored.js';
import { type Floats, floatsOf, type Kernel, KernelView, type Run } from '../kernels/kernel.js';
import { kernels } from '../kernels/list.js';
import type { NodeData } from '../model.js';

export interface Step {
  readonly node: NodeData;
  readonly run: Run;
  /** Names of what is handed to the kernel; undefined where it has taken a constant already. */
  readonly inputs: readonly (string | undefined)[];
  readonly output: string;
  /** Values that nobody reads after this step. */
  readonly last: readonly string[];
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Constants that are read as they are. */
  readonly constants: ReadonlyMap<string, Floats>;
}

const byName: ReadonlyMap<string, Kernel> = new Map(kernels.map((kernel) => [kernel.name, kernel]));

/** Operators of a graph that this runtime does not run, each once. */
export function unsupportedOperators(nodes: readonly NodeData[]): string[] {
  const known = (node: NodeData): boolean => node.domain === '' && (byName.has(node.op) || node.op === 'Constant');
  const names = nodes.filter((node) => !known(node)).map((node) => (node.domain ? `${node.domain}.${node.op}` : node.op));
  return [...new Set(names)].sort();
}

/** Before it, some operators meant something else. */
const oldestOpset = 13;

/** Throws `unsupported.operators`, `unsupported.opset`, `unsupported.node`, `unsupported.dtype`, `input.node`. */
export function planOf({ model, tensors }: PithFile): Plan {
  const { nodes, outputs } = model.graph;
  const missing = unsupportedOperators(nodes);
  if (missing.length > 0)
    throw new PithError('unsupported.operators', {
      expected: 'operators that this runtime runs',
      got: missing.join(', '),
      fix: 'decode the file to ONNX and run it with ONNX Runtime',
    });
  const opset = model.opsets.get('') ?? oldestOpset;
  if (opset < oldestOpset)
    throw new PithError('unsupported.opset', {
      expected: `opset ${oldestOpset} or later`,
      got: String(opset),
      fix: 'decode the file to ONNX and run it with ONNX Runtime',
    });
  const stored = new Map(tensors);
  const prepared: Omit<Step, 'last'>[] = [];
  const constants = new Map<string, Floats>();
  for (const node of nodes) {
    if (node.op === 'Constant') stored.set(node.outputs[0]!, constantOf(node));
    else prepared.push(prepare(node, opset, stored));
  }
  const read = [
    ...prepared.flatMap(({ node, inputs }) => inputs.map((name) => ({ name, node }))),
    ...outputs.map(({ name }) => ({ name })),
  ];
  for (const { name, ...by } of read) {
    const found = name === undefined ? undefined : stored.get(name);
    if (name !== undefined && found) constants.set(name, floatsOf(densify(found), 'node' in by ? by.node : noNode));
  }

  const kept = new Set(outputs.map(({ name }) => name));
  const steps: Step[] = [];
  for (const step of prepared.reverse()) {
    const last = [...new Set([...step.inputs, step.output])].filter(
      (name) => name !== undefined && !kept.has(name) && !constants.has(name),
    );
    for (const name of last) kept.add(name!);
    steps.unshift({ ...step, last: last as string[] });
  }
  return { steps, constants };
}

const noNode: NodeData = { op: '', domain: '', name: '', inputs: [], outputs: [], attributes: new Map() };

function prepare(node: NodeData, opset: number, stored: ReadonlyMap<string, StoredTensor>): Omit<Step, 'last'> {
  const view = new KernelView(node, opset, stored);
  const run = byName.get(node.op)!.prepare(view);
  const inputs = node.inputs.map((name, i) => (name === '' || view.taken.has(i) ? undefined : name));
  return { node, run, inputs, output: node.outputs[0] ?? '' };
}

function constantOf(node: NodeData): StoredTensor {
  const view = new KernelView(node, 0, new Map());
  const tensor = view.tensor('value');
  if (tensor) return { kind: 'dense', tensor };
  if (node.attributes.has('value_float'))
    return { kind: 'dense', tensor: { dtype: 'float32', dims: [], data: Float32Array.of(view.float('value_float', 0)) } };
  if (node.attributes.has('value_int'))
    return { kind: 'dense', tensor: { dtype: 'int64', dims: [], data: BigInt64Array.of(BigInt(view.int('value_int', 0))) } };
  const ints = view.ints('value_ints');
  if (ints) return { kind: 'dense', tensor: { dtype: 'int64', dims: [ints.length], data: BigInt64Array.from(ints, BigInt) } };
  return view.unsupported('a tensor, a number or whole numbers', [...node.attributes.keys()].join(', '));
}
