/**
 * What an operator owes the plan. `prepare` reads a node once: attributes, constants, forms that are not run. What it gives is asked again
 * for each set of input shapes: what comes out, and how it is computed. Activations are float32 or int32 in one heap, row-major.
 */
import type { Choice, ConvShape, LinearShape } from '../kernels/choice.js';
import type { KernelExports } from '../kernels/exports.js';
import type { Machine } from '../kernels/machine.js';
import type { NodeView } from './node-view.js';
import type { Inputs, Spec } from './value.js';

/** What a kernel is called with; pointers in bytes. */
export interface Call {
  readonly machine: Machine;
  readonly kernels: KernelExports;
  /** 0 where an optional input is absent. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly scratch: number;
  readonly tables: readonly number[];
}

/** Computed by one kernel. */
export interface KernelWork {
  readonly kind: 'kernel';
  readonly outputs: readonly Spec[];
  readonly kernel: string;
  readonly run: (call: Call) => void;
  /** Inputs whose memory output 0 may take over where nobody reads them later. */
  readonly inPlace?: readonly number[];
  /** Numbers that the kernel reads beside its inputs. */
  readonly tables?: readonly (Float32Array | Int32Array)[];
  readonly scratchBytes?: number | ((machine: Machine) => number);
  readonly multiplyAdds?: number;
  /** Input i is a run of output 0 that begins so many bytes in: whoever makes the input may write it there. */
  readonly parts?: readonly number[];
}

/** Output i is input 0 from a place on, under another shape: nothing is computed. */
export interface AliasWork {
  readonly kind: 'alias';
  readonly outputs: readonly Spec[];
  /** In bytes. */
  readonly offsets: readonly number[];
}

/** Known without computation. */
export interface KnownWork {
  readonly kind: 'known';
  readonly outputs: readonly Spec[];
  readonly data: Float32Array | Int32Array;
}

/** A product with a constant weight, which is packed once for each way to do it that is taken: the cheapest. */
export interface ProductWork {
  readonly kind: 'product';
  readonly outputs: readonly Spec[];
  readonly product: Product;
  /** Multiply-adds of the dense layer at these shapes. */
  readonly dense: number;
  readonly after?: After;
}

/** What makes the output of what the product gives, which is then not the output itself. */
export interface After {
  /** Of what the product gives. */
  readonly bytes: number;
  readonly tables: readonly (Float32Array | Int32Array)[];
  readonly run: (kernels: KernelExports, from: number, y: number, tables: readonly number[]) => void;
}

/** `choices`: at this shape; those that round beyond float32 only where it is allowed. */
export type Product =
  | { readonly of: 'conv'; readonly shape: ConvShape; readonly choices: (reducedPrecision: boolean) => readonly Choice<ConvShape>[] }
  | { readonly of: 'linear'; readonly shape: LinearShape; readonly choices: (reducedPrecision: boolean) => readonly Choice<LinearShape>[] };

export type Work = KernelWork | AliasWork | KnownWork | ProductWork;

/** Asked anew for each set of shapes. Throws `input.node` where they do not fit, `unsupported.node` where they need what is not here. */
export type Planner = (inputs: Inputs) => Work;

export interface Operator {
  /** As ONNX has it. */
  readonly name: string;
  /** Whether it can hold its results in a range in the same pass (`NodeView.low`, `NodeView.high`), so that ReLU or Clip need none. */
  readonly clamps?: boolean;
  /** Inputs that are known before running and read while planning: kernels do not see them. */
  readonly takes?: readonly number[];
  /** Throws `unsupported.node` for a form that is not run, `input.node` for a node that is wrong. */
  readonly prepare: (node: NodeView) => Planner;
}
