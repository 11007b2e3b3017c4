/** A weight that nodes multiply with, as the matrix that statistics and solvers see it: outputs as rows, inputs × kernel as columns. */
import type { NodeData } from '../base/tensor.js';

export interface WeightLayer {
  /** The initializer. */
  readonly weight: string;
  /** Operator of the first node that reads it. */
  readonly op: string;
  /** First output of that node. */
  readonly node: string;
  readonly readers: readonly NodeData[];
  /** The initializer that is added to the rows' outputs: the bias of a Conv or Gemm, or that of an Add behind a MatMul. */
  readonly bias?: string;
  /** Outputs, those of all groups together. */
  readonly rows: number;
  /** Inputs of one group. */
  readonly columns: number;
  /** Elements of the kernel; 1 where there is none. */
  readonly positions: number;
  readonly groups: number;
  /** Whether the tensor's row-major order is [columns·positions][rows] instead of [rows][columns·positions]. */
  readonly transposed: boolean;
}

/** Weights that meet one output: the side of the layer's input moments, bias not counted. */
export const widthOf = ({ columns, positions }: Pick<WeightLayer, 'columns' | 'positions'>): number => columns * positions;
