/** How the coder sees a parameter: rows make outputs; columns are inputs, those of a flattened image channel by channel. */
import { type Model, sizeOf } from '../../base/tensor.js';
import { inferGraph } from '../../ops/infer.js';
import type { Parameter } from '../parameters.js';

/** A weight as the coder sees it; rows make outputs. */
export interface PricedShape {
  readonly rows: number;
  readonly columns: number;
  readonly positions: number;
  /** Columns (or positions, where there is one column) as images of this width, where that is what the weight reads. */
  readonly imageWidth?: number | undefined;
  /** The matrix lies transposed: [columns · positions][rows]. */
  readonly transposed?: boolean;
}

export function shapesOf(model: Model, parameters: readonly Parameter[]): Map<string, PricedShape> {
  const types = inferGraph(model.graph, model.opsets.get('') ?? 0, () => 1);
  const makers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  /** Dims of the image that a value is the flattening of. */
  const imageOf = (value: string): readonly number[] | undefined => {
    for (let at = value; ; ) {
      const dims = types.get(at)?.dims ?? [];
      if (dims.length === 4) return dims;
      const node = makers.get(at);
      if (node?.op !== 'Flatten' && node?.op !== 'Reshape') return undefined;
      at = node.inputs[0] ?? '';
    }
  };
  return new Map(
    parameters.map(({ name, role, dims, node, outputAxis }): [string, PricedShape] => {
      const size = sizeOf(dims);
      if (role === 'convolution') return [name, { rows: dims[0]!, columns: dims[1]!, positions: size / (dims[0]! * dims[1]!) }];
      if (role !== 'linear' || dims.length !== 2) return [name, { rows: 1, columns: size, positions: 1 }];
      const rows = dims[outputAxis]!;
      const columns = size / rows;
      const transposed = outputAxis === 1;
      const [, channels, height, width] = imageOf(node.inputs[0] ?? '') ?? [];
      if (!channels || !height || !width || channels * height * width !== columns)
        return [name, { rows, columns, positions: 1, transposed }];
      const imageWidth = channels === 1 && height > 1 ? width : undefined;
      return [name, { rows, columns: channels, positions: height * width, transposed, imageWidth }];
    }),
  );
}
