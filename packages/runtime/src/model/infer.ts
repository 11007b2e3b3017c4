/** Shapes of all values from those of the inputs; what follows from shapes and constants alone is computed here and now. */
import { PithError } from '../errors.js';
import type { StoredTensor } from '../format/stored.js';
import type { Machine } from '../kernels/machine.js';
import type { NodeView } from '../operators/node-view.js';
import type { Work } from '../operators/operator.js';
import { bytesOfSpec, countOf, type Spec, type Value } from '../operators/value.js';
import { folded } from './fold.js';
import type { PreparedNode } from './prepared-node.js';

/** Work that is left for a run. */
export interface Job {
  readonly of: PreparedNode;
  readonly work: Work;
  /** Names of values; undefined where absent or read while planning. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly string[];
}

export interface Inferred {
  readonly values: ReadonlyMap<string, Value>;
  readonly jobs: readonly Job[];
  /** Constants that this set of shapes makes. */
  readonly made: ReadonlyMap<string, StoredTensor>;
}

/** Constants by their names. */
export interface Known {
  spec(name: string): Spec | undefined;
  /** Undefined also where it is in the heap only. */
  stored(name: string): StoredTensor | undefined;
}

/** Larger constants are read from the heap: what depends on them is done in a run. */
export const foldedAtMost = 4096;

/** Bytes of constants that shapes may make. */
const madeAtMost = 2 ** 28;
const tooMuch = (view: NodeView): PithError =>
  new PithError('limit.memory', { at: view.place, expected: `constants of at most ${madeAtMost} bytes together`, got: 'more' });

/** What takes longer is done in a run, even if all of it is known. */
const long = (work: Work): boolean => multiplyAddsOf(work) > 2 ** 24;

/** Of the dense layer. */
export const multiplyAddsOf = (work: Work): number =>
  work.kind === 'product' ? work.dense : work.kind === 'kernel' ? (work.multiplyAdds ?? 0) : 0;

/** Before anything is allocated or computed for it. */
function checkSize(view: NodeView, { dims }: Spec): void {
  if (dims.length > 64 || dims.some((d) => !Number.isSafeInteger(d) || d < 0))
    view.wrong('a shape of at most 64 sizes from 0', `[${dims}]`);
  if (countOf(dims) > 2 ** 30 || dims.some((d) => d > 2 ** 30))
    throw new PithError('limit.memory', { at: view.place, expected: 'values of at most 2^30 elements', got: `[${dims.join(', ')}]` });
}

/** `whole`: fold constants of any size. Throws what planners throw, naming the node. */
export function infer(
  nodes: readonly PreparedNode[],
  inputs: ReadonlyMap<string, Spec>,
  constants: Known,
  machine: Machine,
  whole = false,
): Inferred {
  const values = new Map<string, Value>(inputs);
  const made = new Map<string, StoredTensor>();
  const jobs: Job[] = [];
  let bytes = 0;
  const small = (spec: Spec): boolean => whole || countOf(spec.dims) <= foldedAtMost;
  const lookUp = (name: string): Value | undefined => {
    const found = values.get(name);
    if (found) return found;
    const spec = constants.spec(name);
    if (!spec) return undefined;
    const stored = small(spec) ? constants.stored(name) : undefined;
    const value = stored ? { ...spec, constant: stored } : spec;
    values.set(name, value);
    return value;
  };
  for (const of of nodes) {
    const { node, operator, view, plan } = of;
    const takes = operator.takes ?? [];
    try {
      const given = node.inputs.map((name, i) => {
        if (name === '') return undefined;
        return lookUp(name) ?? view.wrong(`a value for input ${i}`, `"${name}", which nothing makes before`);
      });
      const work = plan(given);
      for (const spec of work.outputs) checkSize(view, spec);
      const names = node.outputs.slice(0, work.outputs.length);
      const constant = given.every((value) => !value || value.constant) && work.outputs.every(small) && !long(work);
      if (work.kind === 'known' || constant) {
        for (const [i, stored] of folded(work, given, takes, machine).entries()) {
          const name = names[i];
          if (!name) continue;
          bytes += bytesOfSpec(work.outputs[i]!);
          if (bytes > madeAtMost) throw tooMuch(view);
          made.set(name, stored);
          values.set(name, { ...work.outputs[i]!, constant: stored });
        }
        continue;
      }
      for (const [i, name] of names.entries()) if (name) values.set(name, work.outputs[i]!);
      const read = (i: number): boolean => !takes.includes(i) && (work.kind === 'kernel' || i === 0);
      jobs.push({ of, work, inputs: node.inputs.map((name, i) => (name !== '' && read(i) ? name : undefined)), outputs: names });
    } catch (error) {
      // of an array that is too long for the engine
      if (error instanceof RangeError)
        throw new PithError('limit.memory', { at: view.place, expected: 'sizes that fit in memory', got: error.message }, { cause: error });
      throw error instanceof PithError ? error.within(view.place) : error;
    }
  }
  return { values, jobs, made };
}
