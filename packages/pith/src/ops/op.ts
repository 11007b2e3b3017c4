/**
 * What an operator owes: shape rule, gradient, cost, slow float64 reference. One file per operator, one line in `list.ts`.
 * A rule sees only the words of its view, never the graph around it.
 */
import { PithError } from '../base/errors.js';
import type { Attribute, DType, NodeData, Tensor } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Known, TensorType, Value } from '../graph/value.js';

/** A tensor of the float64 reference: numbers of any type (integers, booleans as 0 and 1) as doubles. */
export interface Ref {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export interface Cost {
  /** Multiplications of a weight or activation with another, each with its addition. */
  readonly multiplyAdds: number;
}

export const free: Cost = { multiplyAdds: 0 };

/** A rule; mathematically zero; or owed, with the reason why. */
export type Gradient =
  | { readonly kind: 'rule'; readonly build: (g: GradientView) => void }
  | { readonly kind: 'zero'; readonly why: string }
  | { readonly kind: 'missing'; readonly why: string };

export interface Op {
  /** The operator's ONNX name. */
  readonly name: string;
  /** Types of the outputs that the node asks for (optional outputs at the end may be left away by the node: give all, extra ones are ignored). */
  readonly infer: (n: NodeView) => readonly TensorType[];
  readonly gradient: Gradient;
  readonly cost: (n: NodeView) => Cost;
  /** The definition, written to be obviously right: plain loops over doubles. `inputs[i]` is undefined where absent. Outputs as `infer`. */
  readonly reference: (n: NodeView, inputs: readonly (Ref | undefined)[]) => readonly Ref[];
}

export class NodeView {
  readonly node: NodeData;
  readonly opset: number;
  /** Types (and constants) of the inputs; undefined where an optional one is absent. */
  readonly inputs: readonly (Known | undefined)[];

  constructor(node: NodeData, opset: number, inputs: readonly (Known | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  /** The type of a required input. Throws `input.node` where it is absent. */
  input(i: number): Known {
    return this.inputs[i] ?? this.fail(`an input ${i}`, 'none');
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  /** Whether the node asks for output i. */
  asks(i: number): boolean {
    return (this.node.outputs[i] ?? '') !== '';
  }

  private attribute<K extends Attribute['kind']>(name: string, kind: K): Extract<Attribute, { kind: K }> | undefined {
    const found = this.node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) this.fail(`attribute ${name} of kind ${kind}`, found.kind);
    return found as Extract<Attribute, { kind: K }>;
  }

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    const found = this.attribute(name, 'int');
    return found === undefined ? otherwise : Number(found.value);
  }

  float(name: string): number | undefined;
  float(name: string, otherwise: number): number;
  float(name: string, otherwise?: number): number | undefined {
    return this.attribute(name, 'float')?.value ?? otherwise;
  }

  string(name: string, otherwise: string): string {
    return this.attribute(name, 'string')?.value ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name, 'ints')?.value.map(Number);
  }

  tensor(name: string): Tensor | undefined {
    return this.attribute(name, 'tensor')?.value;
  }

  /** The numbers of an input that must be constant (axes, shapes, repeats), or undefined where it is absent. Throws `unsupported.dynamic`. */
  constantInts(i: number): number[] | undefined {
    const input = this.inputs[i];
    if (!input) return undefined;
    if (!input.constant)
      throw new PithError('unsupported.dynamic', {
        at: { node: this.node.name, op: this.node.op },
        expected: `input ${i} "${this.node.inputs[i]}" to be constant`,
        got: 'a value that depends on the data',
        fix: 'pith needs fixed shapes here',
      });
    return Array.from(input.constant.data as ArrayLike<number | bigint>, Number);
  }

  /** Throws `input.node`, naming the node. */
  fail(expected: string, got: string): never {
    throw new PithError('input.node', { at: { node: this.node.name || (this.node.outputs[0] ?? ''), op: this.node.op }, expected, got });
  }
}

/** The words of a gradient rule: inputs x, outputs y, incoming gradients dy, and what to give back. */
export interface GradientView extends NodeView {
  readonly op: Builder;
  /** Input i as a value of the training graph. */
  x(i: number): Value;
  /** Output i; an optional output that the node did not ask for is added to it (MaxPool's indices). */
  y(i: number): Value;
  /** Gradient of the loss with respect to output i. Throws `bug.gradient` where no gradient reaches it: ask `reached` first where there are several outputs. */
  dy(i: number): Value;
  reached(i: number): boolean;
  /** Whether anybody needs the gradient of input i. */
  wants(i: number): boolean;
  /** Gives the gradient of input i; it is summed over axes along which the input was broadcast. Several gifts add up. */
  give(i: number, gradient: Value): void;
}
