/** A sample of an operator: what the conformance suite feeds it. Each operator has a file of samples of its name in `cases/`. */
import type { DType } from '../../src/base/tensor.js';
import type { Attributes } from '../../src/graph/builder.js';

export interface CaseInput {
  readonly dims: readonly number[];
  /** float32 unless said. */
  readonly dtype?: DType;
  /** Random values are uniform in this range (−2 … 2 unless said; integers for integer types), at least 0.02 away from 0 and from each other's ties. */
  readonly range?: readonly [number, number];
  readonly values?: readonly number[];
  /** An initializer instead of an input: shapes, axes, pads. */
  readonly constant?: boolean;
}

export interface Case {
  readonly title: string;
  /** 18 unless said. */
  readonly opset?: number;
  readonly inputs: readonly (CaseInput | null)[];
  readonly attributes?: Attributes;
  /** 1 unless said. */
  readonly outputs?: number;
  /** Inputs whose gradient is checked against finite differences; all float inputs that are not constant unless said. */
  readonly gradient?: readonly number[];
  /** Outputs that the loss of the gradient check reads; the first unless said. */
  readonly lossOutputs?: readonly number[];
  /** Why ONNX Runtime is not asked (it does not implement this form). */
  readonly noRuntime?: string;
  /** A wider tolerance against ONNX Runtime, with its reason. */
  readonly tolerance?: { readonly abs: number; readonly rel: number; readonly because: string };
}
