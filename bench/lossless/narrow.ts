/** A model whose float32 weights are kept in a narrower type and cast back where they are used, as exporters of half precision do. */
import type { Model, NodeData, Tensor } from '../../packages/pith/dist/base/tensor.js';
import { bfloat16Bits, float16Bits } from '../../packages/runtime/dist/format/halves.js';

export type Narrow = 'float16' | 'bfloat16';

const float32Bits = ({ buffer, byteOffset, length }: Float32Array): Uint32Array => new Uint32Array(buffer, byteOffset, length);

export function narrow(model: Model, dtype: Narrow): Model {
  const bitsOf = dtype === 'float16' ? float16Bits : bfloat16Bits;
  const initializers = new Map<string, Tensor>();
  const casts: NodeData[] = [];
  for (const [name, tensor] of model.graph.initializers) {
    if (tensor.dtype !== 'float32') {
      initializers.set(name, tensor);
      continue;
    }
    const kept = `${name}.${dtype}`;
    initializers.set(kept, { dtype, dims: tensor.dims, data: Uint16Array.from(float32Bits(tensor.data as Float32Array), bitsOf) });
    const attributes = new Map([['to', { kind: 'int', value: 1 }]] as const);
    casts.push({ op: 'Cast', domain: '', name, inputs: [kept], outputs: [name], attributes });
  }
  return { ...model, graph: { ...model.graph, initializers, nodes: [...casts, ...model.graph.nodes] } };
}
