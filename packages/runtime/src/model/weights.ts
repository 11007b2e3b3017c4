/** Constants of a model: in the heap packed once for all shapes, by the kernel that was cheapest at the first ones. */
import { dimsOfStored, type StoredTensor } from '../format/stored.js';
import type { Bound, Choice, Packed } from '../kernels/choice.js';
import type { Machine } from '../kernels/machine.js';
import type { Product, ProductWork } from '../operators/operator.js';
import { countOf, type Spec } from '../operators/value.js';
import { exactOnes } from './choose.js';
import { place, specOf } from './constants.js';
import { foldedAtMost, type Known } from './infer.js';
import type { PreparedNode } from './prepared-node.js';

/** One way to compute a product, weighed against the others. */
export type Weighed = Pick<Choice<never>, 'kernel' | 'nanoseconds' | 'multiplyAdds' | 'weightBytes'>;

export interface KeptProduct {
  /** Multiply-adds that are done, as a share of the dense ones. */
  readonly share: number;
  /** The first is the one that was taken. */
  readonly choices: readonly Weighed[];
  readonly bind: (product: Product) => Bound;
}

export class Weights implements Known {
  private readonly machine: Machine;
  private readonly constants: Map<string, StoredTensor>;
  private readonly specs = new Map<string, Spec>();
  private readonly base: number;
  private readonly products = new Map<PreparedNode, KeptProduct>();
  private readonly pointers = new Map<string, number>();
  /** Constants that only the plan at hand has in the heap. */
  private readonly passing = new Map<string, number>();
  /** Where the heap ends behind what stays; undefined until all of it is there. */
  private end: number | undefined;

  /** Takes over the map: what is in the heap is let go there. */
  constructor(machine: Machine, constants: Map<string, StoredTensor>) {
    this.machine = machine;
    this.constants = constants;
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

  /** Packs the weight where that has not been done. Throws `limit.memory`. */
  product(of: PreparedNode, { product, dense }: ProductWork): KeptProduct {
    const found = this.products.get(of);
    if (found) return found;
    const made = product.of === 'conv' ? opened(product.choices(), dense, this.machine) : opened(product.choices(), dense, this.machine);
    if (this.end === undefined) this.products.set(of, made);
    return made;
  }

  /** The place of a constant, put there where it was not. Throws `limit.memory`. */
  constant(name: string): number {
    const found = this.pointers.get(name) ?? this.passing.get(name);
    if (found !== undefined) return found;
    const at = place(this.machine, this.constants.get(name)!);
    (this.end === undefined ? this.pointers : this.passing).set(name, at);
    return at;
  }

  /** What is in the heap now stays; large constants are let go elsewhere, but for those in `keep`. */
  close(keep: readonly string[]): void {
    if (this.end !== undefined) return;
    this.end = this.machine.mark();
    for (const [name, stored] of this.constants) {
      if (countOf(dimsOfStored(stored)) <= foldedAtMost || keep.includes(name)) continue;
      // its type matters only to those who read it as it is
      if (this.pointers.has(name)) this.spec(name);
      else this.specs.set(name, { dtype: 'float32', dims: dimsOfStored(stored) });
      this.constants.delete(name);
    }
  }
}

function opened<Shape extends Product['shape']>(given: readonly Choice<Shape>[], dense: number, machine: Machine): KeptProduct {
  const choices = exactOnes(given);
  const packed: Packed<Shape> = choices[0]!.pack(machine);
  choices[0]!.letGo();
  return {
    share: dense === 0 ? 0 : choices[0]!.multiplyAdds / dense,
    choices: choices.map(({ kernel, nanoseconds, multiplyAdds, weightBytes }) => ({ kernel, nanoseconds, multiplyAdds, weightBytes })),
    bind: (product) => packed.bind(product.shape as Shape),
  };
}
