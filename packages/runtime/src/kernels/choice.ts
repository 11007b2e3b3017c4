/**
 * The ways to compute a convolution or a product with constant weights: each with what it costs, chosen by whoever plans. Activations are
 * float32, channel-major (NCHW); pointers are bytes into the heap of a Machine.
 */
import type { Machine } from './machine.js';

/** What follows each output, in this order: times scale, plus bias, clamped. ReLU is low 0, high Infinity. */
export interface Epilogue {
  /** One for each output channel. */
  readonly bias?: Float32Array;
  /** One for each output channel. */
  readonly scale?: Float32Array;
  readonly low: number;
  readonly high: number;
}

/** What is known of x beside its shape, and what is allowed. */
export interface Given {
  /** It holds −1 and 1 only, as an activation of binary networks does. */
  readonly signs?: boolean;
  /** Ways that round beyond float32. */
  readonly reducedPrecision?: boolean;
}

/** Two numbers are those of the vertical and the horizontal axis. */
export interface ConvShape {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outputs: number;
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly outHeight: number;
  readonly outWidth: number;
}

/** y [count][outputs] = x [count][inputs] · Wᵀ, W [outputs][inputs]. */
export interface LinearShape {
  readonly count: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** One way to compute a node. */
export interface Choice<Shape> {
  /** Such as `conv-1x1-sparse`. */
  readonly kernel: string;
  /** The cost model's estimate at the shape that was asked for. */
  readonly nanoseconds: number;
  /** Those that are done, not those of the dense layer. */
  readonly multiplyAdds: number;
  /** Of the weight in the heap. */
  readonly weightBytes: number;
  /** False where it rounds beyond float32. */
  readonly exact: boolean;
  /** After packing: the weight is not held any more, and neither this nor another choice of the list can be packed again. */
  letGo(): void;
  /** The weight in the heap, for all shapes. Throws `limit.memory`. */
  pack(machine: Machine): Packed<Shape>;
}

export interface Packed<Shape> {
  /** For inputs of this shape; small tables may be written into the heap. Throws `limit.memory`. */
  bind(shape: Shape): Bound;
}

export interface Bound {
  readonly scratchBytes: number;
  /** The whole batch. x is not written to; y and scratch are, and do not overlap it. */
  run(x: number, y: number, scratch: number): void;
}
