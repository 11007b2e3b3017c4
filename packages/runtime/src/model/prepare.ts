/**
 * From a decoded file to nodes that are ready to be planned for any shapes: constants folded, nodes fused. A graph with an operator or a
 * form of one that this runtime does not run is refused as a whole, with the list of all of them.
 */
import { PithError } from '../errors.js';
import type { PithFile } from '../format/read.js';
import type { StoredTensor } from '../format/stored.js';
import type { Machine } from '../kernels/machine.js';
import type { NodeData } from '../model.js';
import { byName } from '../operators/by-name.js';
import { widened } from '../operators/halves.js';
import { NodeView, wayOut } from '../operators/node-view.js';
import { specOf } from './constants.js';
import { fused } from './fuse.js';
import { infer } from './infer.js';
import { lowered, type PlanNode } from './lower.js';
import type { PreparedNode } from './prepared-node.js';

export interface Prepared {
  readonly nodes: readonly PreparedNode[];
  /** Of the file and folded; whoever has packed them takes them out. */
  readonly constants: Map<string, StoredTensor>;
}

/** Operators of a graph that this runtime does not run, each once. */
export function unsupportedOperators(nodes: readonly NodeData[]): string[] {
  const known = (node: NodeData): boolean => node.domain === '' && (byName.has(node.op) || node.op === 'Constant');
  const names = nodes.filter((node) => !known(node)).map((node) => (node.domain ? `${node.domain}.${node.op}` : node.op));
  return [...new Set(names)].sort();
}

/** Before it, some operators meant something else. */
const oldestOpset = 13;

/** Throws `unsupported.operators`, `unsupported.opset`, `unsupported.node`, `unsupported.dtype`, `input.node`, `limit.memory`. */
export function prepare({ model, tensors }: PithFile, machine: Machine): Prepared {
  const { nodes, outputs } = model.graph;
  const opset = model.opsets.get('') ?? oldestOpset;
  if (opset < oldestOpset)
    throw new PithError('unsupported.opset', { expected: `opset ${oldestOpset} or later`, got: String(opset), fix: wayOut });
  const missing = unsupportedOperators(nodes);
  const constants = new Map([...tensors].map(([name, stored]) => [name, widened(stored)]));
  const refused: PithError[] = [];
  const known = nodes.filter((node) => node.domain === '' && (node.op === 'Constant' || byName.has(node.op)));
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.push(error);
    }
  };
  for (const node of known.filter(({ op }) => op === 'Constant')) attempt(() => constants.set(node.outputs[0]!, constantOf(node)));
  const given = lowered(
    known.filter(({ op }) => op !== 'Constant'),
    constants,
  );
  const ready = (node: PlanNode): PreparedNode[] => {
    const made: PreparedNode[] = [];
    attempt(() => made.push(preparedNode(node, opset, constants)));
    return made;
  };
  if (missing.length > 0) {
    given.flatMap(ready);
    throw refusal(missing, refused);
  }
  const names = outputs.map(({ name }) => name);
  const left = given.filter((node) => !(isConstant(node, constants) && fold(node, opset, constants, machine, attempt)));
  const prepared = fused(left, names, constants, opset).flatMap(ready);
  if (refused.length > 0) throw refusal(missing, refused);
  return { nodes: prepared, constants };
}

export const isRefusal = (error: unknown): error is PithError => error instanceof PithError && error.kind === 'unsupported';

/** One error that names everything. */
function refusal(missing: readonly string[], refused: readonly PithError[]): PithError {
  const [only] = refused;
  if (missing.length === 0 && refused.length === 1) return only!;
  const forms = refused.map(({ detail: { at, expected, got } }) => `${at?.op ?? ''} "${at?.node ?? ''}" (needs ${expected}; has ${got})`);
  return new PithError(missing.length > 0 ? 'unsupported.operators' : only!.code, {
    expected: 'operators, and forms of them, that this runtime runs',
    got: [...missing, ...forms].join(', '),
    fix: wayOut,
  });
}

function preparedNode({ node, tail, fused: also }: PlanNode, opset: number, constants: ReadonlyMap<string, StoredTensor>): PreparedNode {
  const operator = byName.get(node.op)!;
  const view = new NodeView(node, opset, constants, tail);
  return { node, operator, view, plan: operator.prepare(view), fused: also };
}

const isConstant = ({ node }: PlanNode, constants: ReadonlyMap<string, StoredTensor>): boolean =>
  node.inputs.every((name) => name === '' || constants.has(name));

/** False where it is refused, which has been noted. */
function fold(
  node: PlanNode,
  opset: number,
  constants: Map<string, StoredTensor>,
  machine: Machine,
  attempt: (step: () => void) => void,
): boolean {
  let done = false;
  attempt(() => {
    const known = {
      spec: (name: string) => (constants.has(name) ? specOf(name, constants.get(name)!) : undefined),
      stored: (name: string) => constants.get(name),
    };
    const { made } = infer([preparedNode(node, opset, constants)], new Map(), known, machine, true);
    for (const [name, stored] of made) constants.set(name, stored);
    done = true;
  });
  return done;
}

function constantOf(node: NodeData): StoredTensor {
  const view = new NodeView(node, 0, new Map());
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
