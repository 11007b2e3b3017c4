/**
 * Constants of a model in the heap: weights packed once for all shapes by the kernel that is cheapest at the first ones. Where other shapes
 * make another one cheaper by far, they are packed for that one too: it needs what the file has of the weight, which is held on to up to a
 * limit for the whole model.
 */
import { dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { Bound, Choice, Packed } from '../kernels/choice.js';
import type { Machine } from '../kernels/machine.js';
import type { Product, ProductWork } from '../operators/operator.js';
import { countOf, type Spec } from '../operators/value.js';
import { cheapestFirst } from './choose.js';
import { place, specOf } from './constants.js';
import { foldedAtMost, type Known } from './infer.js';
import type { PreparedNode } from './prepared-node.js';

/** One way to compute a product, weighed against the others. */
export type Weighed = Pick<Choice<never>, 'kernel' | 'exact' | 'nanoseconds' | 'multiplyAdds' | 'weightBytes'>;

export interface KeptProduct {
  /** Multiply-adds that are done, as a share of the dense ones. */
  readonly share: number;
  readonly kernel: string;
  /** Cheapest first, at the shapes at which they were weighed last. */
  readonly choices: readonly Weighed[];
  readonly bind: (product: Product) => Bound;
}

/** Bytes of weights, as the file has them, that are held on to where shapes may change. */
const heldAtMost = 2 ** 20;
/** A kernel that is packed already is taken unless it is slower than the cheapest by this factor. */
const clearly = 1.25;

/** A product with its ways so far. */
interface Opened {
  readonly packed: Map<string, Packed<never>>;
  /** The shape that `now` was chosen for. */
  readonly shape: string;
  readonly now: KeptProduct;
}

export interface WeightsOptions {
  /** Takes over the map: what is in the heap is let go there. */
  readonly constants: Map<string, StoredTensor>;
  /** Whether kernels may round beyond float32. */
  readonly reducedPrecision: boolean;
  /** Whether shapes may change from run to run. */
  readonly free: boolean;
}

export class Weights implements Known {
  private machine: Machine;
  private readonly constants: Map<string, StoredTensor>;
  private readonly reducedPrecision: boolean;
  private readonly heldAtMost: number;
  private readonly specs = new Map<string, Spec>();
  private base: number;
  private readonly products = new Map<PreparedNode, Opened>();
  private readonly pointers = new Map<string, number>();
  /** Constants that only the plan at hand has in the heap. */
  private readonly passing = new Map<string, number>();
  /** Where the heap ends behind what stays; undefined until all of it is there. */
  private end: number | undefined;

  constructor(machine: Machine, { constants, reducedPrecision, free }: WeightsOptions) {
    this.machine = machine;
    this.constants = constants;
    this.reducedPrecision = reducedPrecision;
    this.heldAtMost = free ? heldAtMost : 0;
    this.base = machine.mark();
  }

  /** To another heap: only before anything is put there. */
  moveTo(machine: Machine): void {
    this.machine = machine;
    this.base = machine.mark();
  }

  /** Throws `unsupported.dtype`. */
  spec(name: string): Spec | undefined {
    const stored = this.constants.get(name);
    if (stored && !this.specs.has(name)) this.specs.set(name, specOf(name, stored));
    return this.specs.get(name);
  }

  stored(name: string): StoredTensor | undefined {
    return this.constants.get(name);
  }

  /** Bytes that stay in the heap. */
  get bytes(): number {
    return (this.end ?? this.base) - this.base;
  }

  /** Before another plan is made: gives back what the last one took. */
  restart(): void {
    this.passing.clear();
    if (this.end === undefined) {
      this.products.clear();
      this.pointers.clear();
    }
    this.machine.release(this.end ?? this.base);
  }

  /** Packs the weight where that has not been done for the kernel that is taken. Throws `limit.memory`. */
  product(of: PreparedNode, { product, dense }: ProductWork): KeptProduct {
    const found = this.products.get(of);
    const shape = JSON.stringify(product.shape);
    // without the weight there is no other choice
    if (found && (found.shape === shape || !this.constants.has(of.node.inputs[1]!))) return found.now;
    const known = found?.packed ?? new Map<string, Packed<never>>();
    const choices = cheapestFirst<never>(product.choices(this.reducedPrecision) as readonly Choice<never>[]);
    const now = keptOf(choices, this.taken(choices, known), known, dense);
    this.products.set(of, { packed: known, shape, now });
    return now;
  }

  /** The one that is cheapest, or hardly dearer and packed already; packed. Throws `limit.memory` for the first. */
  private taken(choices: readonly Choice<never>[], known: Map<string, Packed<never>>): Choice<never> {
    const best = choices[0]!;
    const before = choices.find(({ kernel }) => known.has(kernel));
    if (before && before.nanoseconds <= clearly * best.nanoseconds) return before;
    const mark = this.machine.mark();
    try {
      known.set(best.kernel, best.pack(this.machine));
      if (this.end !== undefined) this.end = this.machine.mark();
      return best;
    } catch (error) {
      if (!before) throw error;
      this.machine.release(mark);
      return before;
    } finally {
      best.letGo();
    }
  }

  /** The place of a constant, put there where it was not. Throws `limit.memory`. */
  constant(name: string): number {
    const found = this.pointers.get(name) ?? this.passing.get(name);
    if (found !== undefined) return found;
    const at = place(this.machine, this.constants.get(name)!);
    (this.end === undefined ? this.pointers : this.passing).set(name, at);
    return at;
  }

  /** What is in the heap now stays; large constants are let go elsewhere, but for those in `keep` and the first weights. */
  close(keep: readonly string[]): void {
    if (this.end !== undefined) return;
    this.end = this.machine.mark();
    const weights = new Set([...this.products.keys()].map(({ node }) => node.inputs[1]));
    let held = 0;
    for (const [name, stored] of this.constants) {
      if (countOf(dimsOfStored(stored)) <= foldedAtMost || keep.includes(name)) continue;
      const bytes = bytesOfStored(stored);
      if (weights.has(name) && held + bytes <= this.heldAtMost) {
        held += bytes;
        continue;
      }
      // its type matters only to those who read it as it is
      if (this.pointers.has(name)) this.spec(name);
      else this.specs.set(name, { dtype: 'float32', dims: dimsOfStored(stored) });
      this.constants.delete(name);
    }
  }
}

function keptOf(
  choices: readonly Choice<never>[],
  { kernel, multiplyAdds }: Choice<never>,
  known: ReadonlyMap<string, Packed<never>>,
  dense: number,
): KeptProduct {
  const packed = known.get(kernel)!;
  return {
    share: dense === 0 ? 0 : multiplyAdds / dense,
    kernel,
    choices: choices.map((choice) => ({
      kernel: choice.kernel,
      exact: choice.exact,
      nanoseconds: choice.nanoseconds,
      multiplyAdds: choice.multiplyAdds,
      weightBytes: choice.weightBytes,
    })),
    bind: (product) => packed.bind(product.shape as never),
  };
}

/** Of the arrays that hold it. */
function bytesOfStored(stored: StoredTensor): number {
  if (stored.kind === 'dense') return stored.tensor.data.byteLength;
  if (stored.kind === 'uniform') return stored.levels.byteLength;
  const kept = stored.positions?.byteLength ?? 0;
  return kept + (stored.kind === 'sparse' ? stored.values.byteLength : stored.index.byteLength + stored.codebook.byteLength);
}
