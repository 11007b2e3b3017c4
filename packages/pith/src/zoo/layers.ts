/** The words that architectures are written in: each adds a layer under a name, with its weights `<name>.weight`, `<name>.bias` … */
import type { Tensor } from '../base/tensor.js';
import type { Builder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { filled, initialWeight, type Scheme } from './init.js';

export interface ConvSpec {
  readonly name: string;
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
  /** As many as input channels: a depthwise convolution. */
  readonly groups?: number;
  readonly bias?: boolean;
}

export class Layers {
  readonly op: Builder;
  private readonly seed: number;
  private readonly scheme: Scheme;

  constructor(op: Builder, options: { readonly seed: number; readonly scheme: Scheme }) {
    this.op = op;
    this.seed = options.seed;
    this.scheme = options.scheme;
  }

  /** An initializer under exactly this name, never shared with an equal one: it will be trained. */
  private parameter(name: string, tensor: Tensor): Value {
    this.op.graph.initializers.set(name, tensor);
    return { name, dtype: tensor.dtype, dims: tensor.dims };
  }

  private weight(name: string, dims: readonly number[]): Value {
    return this.parameter(name, initialWeight({ name, dims, scheme: this.scheme, seed: this.seed }));
  }

  private named(op: string, name: string, inputs: readonly Value[], attributes: Parameters<Builder['node']>[2] = {}): Value {
    return this.op.node(op, inputs, attributes, [name])[0]!;
  }

  /** A square convolution. */
  conv(x: Value, { name, out, kernel, stride = 1, pad = 0, groups = 1, bias = true }: ConvSpec): Value {
    const w = this.weight(`${name}.weight`, [out, x.dims[1]! / groups, kernel, kernel]);
    const b = bias ? [this.parameter(`${name}.bias`, filled(out, 0))] : [];
    return this.named('Conv', name, [x, w, ...b], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: groups === 1 ? undefined : groups,
    });
  }

  /** A fully connected layer with bias: x·Wᵀ + b. */
  full(x: Value, { name, out }: { readonly name: string; readonly out: number }): Value {
    const w = this.weight(`${name}.weight`, [out, x.dims[1]!]);
    return this.named('Gemm', name, [x, w, this.parameter(`${name}.bias`, filled(out, 0))], { transB: 1 });
  }

  /** Batch normalisation by running statistics, which start as those of a standard normal. */
  batchNorm(x: Value, name: string): Value {
    const channels = x.dims[1]!;
    const parts = [
      ['weight', 1],
      ['bias', 0],
      ['running_mean', 0],
      ['running_var', 1],
    ] as const;
    const inputs = parts.map(([part, value]) => this.parameter(`${name}.${part}`, filled(channels, value)));
    return this.named('BatchNormalization', name, [x, ...inputs], { epsilon: { float: 1e-5 }, momentum: { float: 0.9 } });
  }

  maxPool(x: Value, { name, size }: { readonly name: string; readonly size: number }): Value {
    return this.named('MaxPool', name, [x], { kernel_shape: [size, size], strides: [size, size] });
  }

  /** The mean of each channel, as a matrix. */
  globalPool(x: Value, name: string): Value {
    return this.flatten(this.named('GlobalAveragePool', name, [x]), `${name}.flat`);
  }

  relu(x: Value, name: string): Value {
    return this.named('Relu', name, [x]);
  }

  flatten(x: Value, name: string): Value {
    return this.named('Flatten', name, [x]);
  }
}
