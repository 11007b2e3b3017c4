/** The operators that this runtime runs. A new one is a file (or a line in a family's file) and a line here. */
import { BatchNormalization } from './BatchNormalization.js';
import { Conv } from './Conv.js';
import {
  Abs,
  Add,
  Clip,
  Div,
  Exp,
  HardSigmoid,
  HardSwish,
  LeakyRelu,
  Log,
  Mul,
  Neg,
  Pow,
  Relu,
  Sigmoid,
  Sqrt,
  Sub,
  Tanh,
} from './elementwise.js';
import { Gemm } from './Gemm.js';
import type { Kernel } from './kernel.js';
import { MatMul } from './MatMul.js';
import { Concat, Pad, Slice, Transpose } from './move.js';
import { AveragePool, GlobalAveragePool, MaxPool } from './pool.js';
import { ReduceMean } from './ReduceMean.js';
import { Dropout, Flatten, Identity, Reshape, Squeeze, Unsqueeze } from './shape.js';
import { LogSoftmax, Softmax } from './softmax.js';

export const kernels: readonly Kernel[] = [
  Abs,
  Add,
  AveragePool,
  BatchNormalization,
  Clip,
  Concat,
  Conv,
  Div,
  Dropout,
  Exp,
  Flatten,
  Gemm,
  GlobalAveragePool,
  HardSigmoid,
  HardSwish,
  Identity,
  LeakyRelu,
  Log,
  LogSoftmax,
  MatMul,
  MaxPool,
  Mul,
  Neg,
  Pad,
  Pow,
  ReduceMean,
  Relu,
  Reshape,
  Sigmoid,
  Slice,
  Softmax,
  Sqrt,
  Squeeze,
  Sub,
  Tanh,
  Transpose,
  Unsqueeze,
];
