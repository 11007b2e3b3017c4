/** pith-runtime as an engine: runs a .pith file as it is, from its compressed parametrizations, on this thread. */
import { load } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import type { Tensor } from '../base/tensor.js';
import type { Engine, Feeds, Session } from './engine.js';

/** The engine of one coded file: `open` loads that file, whatever decoded model it is given. */
export const pithRuntime = (file: Uint8Array): Engine => ({
  name: 'pith-runtime',
  version: '1',
  async open(): Promise<Session> {
    const loaded = await load(file);
    return {
      inputs: loaded.inputs.map((v) => v.name),
      outputs: loaded.outputs.map((v) => v.name),
      async run(feeds: Feeds) {
        const results = await loaded.run(
          Object.fromEntries([...feeds].map(([name, t]) => [name, { dims: t.dims, data: floats(name, t) }])),
        );
        return new Map(Object.entries(results).map(([name, { dims, data }]) => [name, { dtype: 'float32' as const, dims, data }]));
      },
      close: async () => loaded.dispose(),
    };
  },
});

function floats(name: string, { data, dtype }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new PithError('unsupported.dtype', { at: { tensor: name }, expected: 'float32', got: dtype });
  return data;
}
