/** The words an operator reads its node by, and the two ways in which it refuses. */
import { PithError } from '../errors.js';
import { densify, type StoredTensor } from '../format/stored.js';
import type { Attribute, NodeData } from '../model.js';
import type { Tensor } from '../tensor.js';
import { widenedTensor } from './halves.js';
import type { Element, Inputs, Value } from './value.js';

/** What follows an operator in the same pass: times scale, plus shift for each channel; then held in low … high. */
export interface Tail {
  readonly scale?: Float32Array;
  readonly shift?: Float32Array;
  readonly low: number;
  readonly high: number;
}

export const noTail: Tail = { low: -Infinity, high: Infinity };

/** The way out for whoever has a model that is not run here. */
export const wayOut = "turn the file into ONNX with toOnnx of 'pith-runtime/onnx' and run it with ONNX Runtime";

export class NodeView {
  readonly node: NodeData;
  readonly opset: number;
  readonly tail: Tail;
  private readonly constants: ReadonlyMap<string, StoredTensor>;

  constructor(node: NodeData, opset: number, constants: ReadonlyMap<string, StoredTensor>, tail: Tail = noTail) {
    this.node = node;
    this.opset = opset;
    this.constants = constants;
    this.tail = tail;
  }

  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  /** Whether the node asks for output i. */
  asks(i: number): boolean {
    return (this.node.outputs[i] ?? '') !== '';
  }

  /** Input i as the file has it; undefined where it is absent or made by another node. */
  stored(i: number): StoredTensor | undefined {
    return this.has(i) ? this.constants.get(this.node.inputs[i]!) : undefined;
  }

  /** An input that must be a float32 constant of the file. */
  weight(i: number): StoredTensor {
    const found = this.stored(i) ?? this.unsupported(`input ${i} to be constant`, this.has(i) ? `"${this.node.inputs[i]}"` : 'none');
    return found;
  }

  /** The numbers of such an input. */
  floats(i: number): Float32Array {
    const { data, dtype } = densify(this.weight(i));
    return data instanceof Float32Array ? data : this.unsupported(`input ${i} of float32`, dtype);
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
    const found = this.attribute(name, 'tensor')?.value;
    return found && widenedTensor(found);
  }

  /** An axis counted from the end where it is negative. */
  axis(axis: number, rank: number): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) this.wrong(`an axis in ${-rank} … ${rank - 1}`, String(axis));
    return axis < 0 ? axis + rank : axis;
  }

  /** Input i of a run. */
  value(inputs: Inputs, i: number): Value {
    return inputs[i] ?? this.wrong(`an input ${i}`, 'none');
  }

  /** Input i, which must be float32 (or of the types that are named). */
  real(inputs: Inputs, i: number, types: readonly Element[] = ['float32']): Value {
    const value = this.value(inputs, i);
    if (types.includes(value.dtype)) return value;
    const expected = `input ${i} of ${types.join(' or ')}`;
    throw new PithError('unsupported.dtype', { at: this.place, expected, got: value.dtype, fix: wayOut });
  }

  /** The numbers of an input that must be known before running (shapes, axes, pads); undefined where it is absent. */
  known(inputs: Inputs, i: number): number[] | undefined {
    const value = inputs[i];
    if (!value) return undefined;
    const { constant } = value;
    if (!constant)
      return this.unsupported(`input ${i} "${this.node.inputs[i]}" to follow from shapes and constants`, 'one that depends on data');
    return Array.from(densify(constant).data as ArrayLike<number | bigint>, Number);
  }

  /** Throws `unsupported.node`: right by ONNX, but not run here. */
  unsupported(expected: string, got: string): never {
    throw new PithError('unsupported.node', { at: this.place, expected, got, fix: wayOut });
  }

  /** Throws `input.node`: wrong by ONNX, or shapes that do not fit. */
  wrong(expected: string, got: string): never {
    throw new PithError('input.node', { at: this.place, expected, got });
  }

  get place(): { node: string; op: string } {
    return { node: this.node.name || (this.node.outputs[0] ?? ''), op: this.node.op };
  }
}
