/** ONNX Runtime's native CPU provider in Node, behind the Engine interface. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { PithError } from '../base/errors.js';
import { type DType, dtypes, type Model, type Tensor, viewAs } from '../base/tensor.js';
import { splitOnnx, weightBytes, writeOnnx } from '../onnx/write.js';
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
  private readonly closed: () => Promise<void>;

  /** `closed` is called when the session is. */
  constructor(session: InferenceSession, closed: () => Promise<void> = async () => undefined) {
    this.session = session;
    this.closed = closed;
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
    await this.closed();
  }
}

/** From so many bytes of weights on, ONNX Runtime is not given copies of them. */
const large = 2 ** 27;

async function openPlain(model: Model, threads: number): Promise<OrtSession> {
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  };
  try {
    if (weightBytes(model) >= large) return await openFromDisk(model, options);
    return new OrtSession(await InferenceSession.create(writeOnnx(model), options));
  } catch (error) {
    if (error instanceof PithError) throw error;
    throw new PithError('input.engine-open', { expected: 'a model that ONNX Runtime loads', got: reason(error) }, { cause: error });
  }
}

/** ONNX Runtime maps weights from a file beside the model into memory, instead of copying them, as long as it may not pack them anew. */
async function openFromDisk(model: Model, options: InferenceSession.SessionOptions): Promise<OrtSession> {
  const folder = await mkdtemp(join(tmpdir(), 'pith-session-'));
  const drop = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const split = splitOnnx(model, 'weights');
    await writeFile(join(folder, 'weights'), split.data);
    await writeFile(join(folder, 'model.onnx'), split.model);
    const session = await InferenceSession.create(join(folder, 'model.onnx'), {
      ...options,
      graphOptimizationLevel: 'extended',
      extra: { session: { disable_prepacking: '1' } },
    });
    // what is mapped stays readable; where a system keeps such files, they go when the session does
    await drop().catch(() => undefined);
    return new OrtSession(session, drop);
  } catch (error) {
    await drop();
    throw error;
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
