/**
 * A neural network as data: what an ONNX file says, with names in maps and numbers in typed arrays. The reader of ONNX makes it, the
 * writer takes it, the .pith format codes it, the runtime plans from it. Everything that pith does not understand is kept as bytes
 * (`opaque`), so that a model comes out as it went in. Immutable by convention: whoever wants to change it makes a Graph from it.
 */
import type { DType, Tensor } from './tensor.js';

/** A fixed size, a symbolic one (its name), or an unknown one (null). */
export type Dim = number | string | null;

export interface ValueInfo {
  readonly name: string;
  /** null: not a tensor, or its type is not said. */
  readonly dtype: DType | null;
  /** null: rank unknown. */
  readonly dims: readonly Dim[] | null;
  /** The TypeProto as it came, for types other than tensors of a known element type. */
  readonly opaqueType?: Uint8Array;
}

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  /** A bigint only where the number is beyond 2^53. */
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: GraphData }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly (number | bigint)[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'graphs'; readonly value: readonly GraphData[] }
  /** An AttributeProto as it came: string tensors, sparse tensors, types, references to function attributes, strings that are not UTF-8. */
  | { readonly kind: 'opaque'; readonly value: Uint8Array };

export interface NodeData {
  /** An overload of a function follows its name after a colon. */
  readonly op: string;
  /** '' is the standard domain, ai.onnx. */
  readonly domain: string;
  readonly name: string;
  /** '' marks an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface GraphData {
  readonly name: string;
  readonly nodes: readonly NodeData[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Initializers whose type pith has no array for (strings, sparse), as the TensorProto or SparseTensorProto that came. */
  readonly opaqueInitializers: ReadonlyMap<string, OpaqueInitializer>;
  readonly valueInfo: readonly ValueInfo[];
}

export interface OpaqueInitializer {
  readonly sparse: boolean;
  readonly proto: Uint8Array;
}

export interface Model {
  readonly irVersion: number;
  /** Domain to opset version; the standard domain is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly doc: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: GraphData;
  /** FunctionProtos as they came. */
  readonly functions: readonly Uint8Array[];
}
