/** pith-runtime as an engine: runs a .pith file as it is, from its compressed parametrizations. */
import { type FeedData, type LoadOptions, load, type Output } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { dtypes, type Tensor } from '../base/tensor.js';
import { toRef } from '../ops/ref.js';
import type { Engine, Feeds, Session } from './engine.js';

/** The engine of one coded file: `open` loads that file, whatever decoded model it is given. */
export const pithRuntime = (file: Uint8Array, options: Pick<LoadOptions, 'allowReducedPrecision'> = {}): Engine => ({
  name: 'pith-runtime',
  version: '1',
  async open(_model, { threads = 0 } = {}): Promise<Session> {
    const loaded = await load(file, threads > 0 ? { ...options, threads } : options);
    return {
      inputs: loaded.inputs.map((v) => v.name),
      outputs: loaded.outputs.map((v) => v.name),
      async run(feeds: Feeds) {
        const results = await loaded.run(
          Object.fromEntries([...feeds].map(([name, t]) => [name, { dims: t.dims, data: feedData(name, t) }])),
        );
        return new Map(Object.entries(results).map(([name, output]) => [name, tensorOf(output)]));
      },
      close: async () => loaded.dispose(),
    };
  },
});

/** Floats of 16 bits are fed as float32. */
export function feedData(name: string, tensor: Tensor): FeedData {
  const { data, dtype } = tensor;
  if (dtype === 'float16' || dtype === 'bfloat16') return Float32Array.from(toRef(tensor).data);
  if (data instanceof Float64Array || data instanceof Uint32Array || data instanceof BigUint64Array)
    throw new PithError('unsupported.dtype', { at: { tensor: name }, expected: 'float32 or whole numbers of 32 bits', got: dtype });
  return data;
}

/** Whole numbers come as int32, whatever their type. */
function tensorOf({ dtype, dims, data }: Output): Tensor {
  if (dtype === 'float32' || dtype === 'int32') return { dtype, dims, data };
  if (dtype === 'int64') return { dtype, dims, data: BigInt64Array.from(data, BigInt) };
  const made = new dtypes[dtype].array(new ArrayBuffer(data.length * dtypes[dtype].wide), 0, data.length);
  data.forEach((x, i) => {
    made[i] = x;
  });
  return { dtype, dims, data: made };
}
