/**
 * The rival: onnxruntime-web on WebAssembly with SIMD and one thread. A session holds a layer several times over, each with weights of its
 * own, so that what a call costs beside the layer hardly counts; big outputs are pooled there, so that they are not copied out.
 */
import * as ort from 'onnxruntime-web/wasm';
import { writeOnnx } from '../../packages/pith/dist/onnx/write.js';
import type { Attribute, NodeData, Tensor } from '../../packages/runtime/dist/index.js';
import type { Case } from './shapes.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export interface Rival {
  run(): Promise<Float32Array>;
  close(): Promise<void>;
}

const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });

function layerNode(of: Case, name: string): NodeData {
  const common = { domain: '', name, inputs: ['x', `${name}.w`, `${name}.b`], outputs: [name] };
  if ('linear' in of) return { ...common, op: 'Gemm', attributes: new Map<string, Attribute>([['transB', { kind: 'int', value: 1 }]]) };
  const { kernel, strides, dilations, pads, groups } = of.conv;
  const attributes = new Map<string, Attribute>([
    ['kernel_shape', ints(kernel)],
    ['strides', ints(strides)],
    ['dilations', ints(dilations)],
    ['pads', ints(pads)],
    ['group', { kind: 'int', value: groups }],
  ]);
  return { ...common, op: 'Conv', attributes };
}

export const weightDims = (of: Case): number[] =>
  'linear' in of ? [of.linear.outputs, of.linear.inputs] : [of.conv.outputs, of.conv.channels / of.conv.groups, ...of.conv.kernel];
export const inputDims = (of: Case): number[] =>
  'linear' in of ? [of.linear.count, of.linear.inputs] : [of.conv.batch, of.conv.channels, of.conv.height, of.conv.width];
export const outputDims = (of: Case): number[] =>
  'linear' in of ? [of.linear.count, of.linear.outputs] : [of.conv.batch, of.conv.outputs, of.conv.outHeight, of.conv.outWidth];

/** One layer for each weight. `pooled`: the outputs are reduced to one number for each channel. */
export async function openRival(
  of: Case,
  weights: readonly Float32Array[],
  bias: Float32Array,
  x: Float32Array,
  pooled: boolean,
): Promise<Rival> {
  const floats = (dims: readonly number[], data: Float32Array): Tensor => ({ dtype: 'float32', dims, data });
  const nodes: NodeData[] = [];
  const initializers = new Map<string, Tensor>();
  const outputs = weights.map((weight, i) => {
    const name = `y${i}`;
    initializers.set(`${name}.w`, floats(weightDims(of), weight));
    initializers.set(`${name}.b`, floats([bias.length], bias));
    nodes.push(layerNode(of, name));
    if (!pooled || 'linear' in of) return name;
    nodes.push({ op: 'GlobalMaxPool', domain: '', name: `${name}.p`, inputs: [name], outputs: [`${name}.p`], attributes: new Map() });
    return `${name}.p`;
  });
  const model = {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producerName: 'pith',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    doc: '',
    metadata: new Map(),
    graph: {
      name: 'layer',
      nodes,
      initializers,
      inputs: [{ name: 'x', dtype: 'float32' as const, dims: inputDims(of) }],
      outputs: outputs.map((name) => ({ name, dtype: 'float32' as const, dims: null })),
      opaqueInitializers: new Map(),
      valueInfo: [],
    },
    functions: [],
  };
  const session = await ort.InferenceSession.create(writeOnnx(model), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const feeds = { x: new ort.Tensor('float32', x, inputDims(of)) };
  return {
    run: async () => (await session.run(feeds))[outputs[0]!]!.data as Float32Array,
    close: () => session.release(),
  };
}
