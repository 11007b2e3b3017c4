/** What is in a model file, layer by layer: shapes, parameters, multiply-adds, density, bytes. Reads shapes and sizes; runs nothing. */
import { byteSize, sizeOf } from '../base/tensor.js';
import { costIfKnown, type ModelCost } from '../cost/cost.js';
import { parametersOf } from '../train/parameters.js';
import { densityOf } from './density.js';
import { type ModelSource, type OpenedModel, openModel } from './model-source.js';

export interface InspectedLayer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dtype: string;
  /** How the file stores it: dense, sparse, shared. */
  readonly parametrization: string;
  readonly parameters: number;
  /** Of the node that uses it, for one image; absent where it is not the weight of a layer. */
  readonly multiplyAdds?: number;
  /** Share of its numbers that are not zero. */
  readonly density: number;
  readonly bitsPerWeight: number;
  /** In the same form with numbers of fixed width. */
  readonly uncoded: number;
  readonly bytes: number;
  /** Of the file. */
  readonly share: number;
}

export interface Inspection {
  readonly format: 'onnx' | 'pith';
  readonly network: string;
  readonly bytes: number;
  readonly hash: string;
  readonly opset: number;
  readonly nodes: number;
  readonly layers: readonly InspectedLayer[];
  readonly totals: {
    readonly parameters: number;
    readonly density: number;
    readonly uncoded: number;
    readonly weightBytes: number;
    /** Absent where an operator is unknown. */
    readonly multiplyAdds?: number;
    readonly peakActivationBytes?: number;
  };
  /** Of a .pith file. */
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
  readonly metadata: readonly (readonly [string, string])[];
}

/** Throws what opening the file throws. */
export async function inspect(source: ModelSource): Promise<Inspection> {
  const opened = await openModel(source);
  const { model, pith } = opened;
  const cost = costIfKnown(model);
  const layers = layersOf(opened, cost);
  const sum = (of: (l: InspectedLayer) => number): number => layers.reduce((s, l) => s + of(l), 0);
  const parameters = sum((l) => l.parameters);
  return {
    format: opened.format,
    network: opened.name,
    bytes: opened.bytes,
    hash: opened.hash,
    opset: model.opsets.get('') ?? 0,
    nodes: model.graph.nodes.length,
    layers,
    totals: {
      parameters,
      density: parameters === 0 ? 1 : sum((l) => l.density * l.parameters) / parameters,
      uncoded: sum((l) => l.uncoded),
      weightBytes: [...model.graph.initializers.values()].reduce((s, t) => s + byteSize(t.dtype, t.dims), 0),
      ...(cost && { multiplyAdds: cost.totals.multiplyAdds, peakActivationBytes: cost.totals.peakActivationBytes }),
    },
    sections: pith?.report.sections.map(({ kind, bytes }) => ({ name: kind, bytes })) ?? [],
    metadata: [...model.metadata, ...(pith?.metadata ?? [])],
  };
}

function layersOf({ model, pith, bytes: fileBytes }: OpenedModel, cost: ModelCost | undefined): InspectedLayer[] {
  const sizes = new Map(pith?.report.tensors.map((t) => [t.name, t]));
  const adds = new Map(
    parametersOf(model)
      .filter((p) => p.role === 'convolution' || p.role === 'linear')
      .map((p) => [p.name, cost?.nodes.find((n) => n.name === (p.node.name || p.node.outputs[0]))?.multiplyAdds]),
  );
  return [...model.graph.initializers].map(([name, tensor]) => {
    const size = sizes.get(name);
    const parameters = sizeOf(tensor.dims);
    const dense = byteSize(tensor.dtype, tensor.dims);
    const bytes = size?.bytes ?? dense;
    const multiplyAdds = adds.get(name);
    return {
      name,
      dims: tensor.dims,
      dtype: tensor.dtype,
      parametrization: size?.parametrization ?? 'dense',
      parameters,
      ...(multiplyAdds !== undefined && { multiplyAdds }),
      density: densityOf(tensor),
      bitsPerWeight: parameters === 0 ? 0 : (8 * bytes) / parameters,
      uncoded: size ? Math.ceil(Object.values(size.uncoded).reduce((a, b) => a + b, 0)) : dense,
      bytes,
      share: bytes / fileBytes,
    };
  });
}
