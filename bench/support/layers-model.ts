/** The graph of a network that is to be coded, not run: its layers alone, each reading the one before. */
import type { Model, NodeData } from '../../packages/runtime/dist/index.js';

export interface LayerShape {
  readonly name: string;
  /** [out, in / groups, height, width] or [out, in]. The weight's name is that of the layer and `.weight`. */
  readonly dims: readonly number[];
}

const nodeOf = ({ name, dims }: LayerShape, input: string): NodeData => ({
  op: dims.length === 4 ? 'Conv' : 'Gemm',
  domain: '',
  name,
  inputs: [input, `${name}.weight`],
  outputs: [name],
  attributes: new Map(dims.length === 4 ? [] : [['transB', { kind: 'int', value: 1 }]]),
});

export const layersModel = (name: string, layers: readonly LayerShape[]): Model => ({
  irVersion: 8,
  opsets: new Map([['', 17]]),
  producerName: 'pith',
  producerVersion: '',
  domain: '',
  modelVersion: 0,
  doc: '',
  metadata: new Map(),
  graph: {
    name,
    nodes: layers.map((layer, i) => nodeOf(layer, layers[i - 1]?.name ?? 'input')),
    initializers: new Map(),
    inputs: [{ name: 'input', dtype: 'float32', dims: null }],
    outputs: [{ name: layers.at(-1)!.name, dtype: 'float32', dims: null }],
    opaqueInitializers: new Map(),
    valueInfo: [],
  },
  functions: [],
});
