/** ONNX Runtime's native CPU provider in Node, behind the Engine interface. */
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { PithError } from '../base/errors.js';
import { type DType, dtypes, type Model, type Tensor, viewAs } from '../base/tensor.js';
import { writeOnnx } from '../onnx/write.js';
import { blockConvolutions, blockOf, blockProbe, hasChangingWeights } from './blocked.js';
import { type Engine, type Feeds, type Session, type SessionOptions, withSession } from './engine.js';

function toOrt(tensor: Tensor): OrtTensor {
  if (tensor.dtype.startsWith('float8') || tensor.dtype === 'bfloat16')
    throw new PithError('unsupported.dtype', { expected: 'a type that ONNX Runtime takes from JavaScript', got: tensor.dtype });
  return new OrtTensor(tensor.dtype as 'float32', tensor.data as Float32Array, tensor.dims as number[]);
}

function fromOrt(tensor: OrtTensor): Tensor {
  const dtype = tensor.type as DType;
  if (!Object.hasOwn(dtypes, dtype)) throw new PithError('unsupported.dtype', { expected: 'a tensor of numbers', got: tensor.type });
  const data = tensor.data as unknown as Tensor['data'];
  return {
    dtype,
    dims: tensor.dims,
    data: dtype === 'float16' ? viewAs('float16', new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) : data,
  };
}

const ortFeeds = (feeds: Feeds): Record<string, OrtTensor> => {
  const out: Record<string, OrtTensor> = Object.create(null) as Record<string, OrtTensor>;
  for (const [name, tensor] of feeds) out[name] = toOrt(tensor);
  return out;
};

/** ONNX Runtime's words without its source positions. */
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 400);

class OrtSession implements Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  private readonly session: InferenceSession;

  constructor(session: InferenceSession) {
    this.session = session;
    this.inputs = session.inputNames;
    this.outputs = session.outputNames;
  }

  async run(feeds: Feeds, into?: Feeds): Promise<Map<string, Tensor>> {
    const fetches: Record<string, OrtTensor | null> = Object.create(null) as Record<string, OrtTensor | null>;
    for (const name of this.outputs) fetches[name] = into?.has(name) ? toOrt(into.get(name)!) : null;
    try {
      const results = await this.session.run(ortFeeds(feeds), fetches);
      return new Map(this.outputs.map((name) => [name, into?.get(name) ?? fromOrt(results[name]!)]));
    } catch (error) {
      if (error instanceof PithError) throw error;
      throw new PithError('input.engine-run', { expected: 'a graph that runs on these inputs', got: reason(error) }, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

async function openPlain(model: Model, threads: number): Promise<OrtSession> {
  try {
    const session = await InferenceSession.create(writeOnnx(model), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    return new OrtSession(session);
  } catch (error) {
    if (error instanceof PithError) throw error;
    throw new PithError('input.engine-open', { expected: 'a model that ONNX Runtime loads', got: reason(error) }, { cause: error });
  }
}

/** Channels of a block on this processor; 1 where ONNX Runtime has no blocked layout. */
async function blockSize(): Promise<number> {
  try {
    return await withSession({ ...onnxruntimeNode, open: (model) => openPlain(model, 1) }, blockProbe(), {}, blockOf);
  } catch (error) {
    if (error instanceof PithError) return 1;
    throw error;
  }
}

export const onnxruntimeNode: Engine = {
  name: 'onnxruntime-node',
  version: env.versions.node ?? '',
  async open(model: Model, { threads = 0 }: SessionOptions = {}) {
    const block = hasChangingWeights(model) ? await blockSize() : 1;
    return openPlain(block > 1 ? blockConvolutions(model, block) : model, threads);
  },
};
