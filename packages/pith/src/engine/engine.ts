/**
 * What executes a graph. Method rooms get an Engine as an argument and know nothing of what is behind it: ONNX Runtime in Node, in a
 * page, or the float64 reference.
 */
import type { Model, Tensor } from '../base/tensor.js';

export type Feeds = ReadonlyMap<string, Tensor>;

export interface SessionOptions {
  /** Threads inside one operator; 0 leaves the choice to the engine. */
  readonly threads?: number;
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Runs the graph. Outputs named in `into` are written into the given tensors (float32, of the right shape, not among the inputs) and
   * returned as they are; others are new. Throws `numeric`, `input` or `bug` errors of the engine as PithError.
   */
  run(feeds: Feeds, into?: Feeds): Promise<Map<string, Tensor>>;
  close(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  readonly version: string;
  open(model: Model, options?: SessionOptions): Promise<Session>;
}

/** Opens, uses and closes a session, whatever happens in between. */
export async function withSession<T>(
  engine: Engine,
  model: Model,
  options: SessionOptions,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await engine.open(model, options);
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}
