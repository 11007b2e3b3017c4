/**
 * What a kernel owes: prepared once from its node and the constants it reads, then run on each batch. Float32, channel-major (NCHW), any
 * batch size. A kernel sees the words of its view, never the graph around it. Kernels do not write into what they are given.
 */
import { PithError } from '../errors.js';
import { densify, type StoredTensor } from '../format/stored.js';
import type { Attribute, NodeData } from '../model.js';
import { sizeOf, type Tensor } from '../tensor.js';

/** A float32 tensor in a run. */
export interface Floats {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Input i is undefined where it is absent or was taken when the kernel was prepared. */
export type Run = (inputs: readonly (Floats | undefined)[]) => Floats;

export interface Kernel {
  /** The operator's ONNX name. */
  readonly name: string;
  /** Throws `unsupported.*` for a form that it does not run, `input.node` for a node that is wrong. */
  readonly prepare: (node: KernelView) => Run;
}

export class KernelView {
  readonly node: NodeData;
  readonly opset: number;
  /** Inputs that the kernel has taken into its own form. */
  readonly taken = new Set<number>();
  private readonly constants: ReadonlyMap<string, StoredTensor>;

  constructor(node: NodeData, opset: number, constants: ReadonlyMap<string, StoredTensor>) {
    this.node = node;
    this.opset = opset;
    this.constants = constants;
  }

  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  /** Whether the node asks for output i. */
  asks(i: number): boolean {
    return (this.node.outputs[i] ?? '') !== '';
  }

  /** A constant float32 input in its stored form, taken; undefined where it is absent or comes from another node. */
  stored(i: number): StoredTensor | undefined {
    const found = this.has(i) ? this.constants.get(this.node.inputs[i]!) : undefined;
    if (found) this.taken.add(i);
    return found;
  }

  /** The same in dense form. */
  floats(i: number): Floats | undefined {
    const found = this.stored(i);
    return found && floatsOf(densify(found), this.node);
  }

  /** The numbers of an input that must be constant (shapes, axes, pads); undefined where it is absent. */
  constantInts(i: number): number[] | undefined {
    if (!this.has(i)) return undefined;
    const found = this.stored(i);
    if (!found) this.unsupported(`input ${i} "${this.node.inputs[i]}" to be constant`, 'one that another node makes');
    return Array.from(densify(found).data as ArrayLike<number | bigint>, Number);
  }

  private attribute<K extends Attribute['kind']>(name: string, kind: K): Extract<Attribute, { kind: K }> | undefined {
    const found = this.node.attributes.get(name);
    if (found !== undefined && found.kind !== kind) this.wrong(`attribute ${name} of kind ${kind}`, found.kind);
    return found as Extract<Attribute, { kind: K }> | undefined;
  }

  int(name: string, otherwise: number): number {
    return Number(this.attribute(name, 'int')?.value ?? otherwise);
  }

  float(name: string, otherwise: number): number {
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

  /** An axis counted from the end where it is negative. */
  axis(axis: number, rank: number): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) this.wrong(`an axis in ${-rank} … ${rank - 1}`, String(axis));
    return axis < 0 ? axis + rank : axis;
  }

  /** Throws `unsupported.node`: right by ONNX, but not run here. */
  unsupported(expected: string, got: string): never {
    throw new PithError('unsupported.node', { at: this.place, expected, got, fix: 'decode the file to ONNX and run it with ONNX Runtime' });
  }

  /** Throws `input.node`: wrong by ONNX. */
  wrong(expected: string, got: string): never {
    throw new PithError('input.node', { at: this.place, expected, got });
  }

  private get place(): { node: string; op: string } {
    return { node: this.node.name || (this.node.outputs[0] ?? ''), op: this.node.op };
  }
}

/** Throws `unsupported.dtype` for any other element type. */
export function floatsOf(tensor: Tensor, node: NodeData): Floats {
  if (tensor.data instanceof Float32Array) return { dims: tensor.dims, data: tensor.data };
  throw new PithError('unsupported.dtype', {
    at: { node: node.name, op: node.op },
    expected: 'float32',
    got: tensor.dtype,
    fix: 'this runtime computes in float32: convert the model',
  });
}

/** A required input of a run. */
export function given(inputs: readonly (Floats | undefined)[], i: number): Floats {
  const found = inputs[i];
  if (!found) throw new PithError('input.node', { expected: `an input ${i}`, got: 'none' });
  return found;
}

export const empty = (dims: readonly number[]): Floats => ({ dims, data: new Float32Array(sizeOf(dims)) });

export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  for (let i = dims.length - 1, step = 1; i >= 0; step *= dims[i--]!) strides[i] = step;
  return strides;
}
