/** The float64 reference as an engine: slow, for tests and for the answer to "who is right?". */
import { PithError } from '../base/errors.js';
import type { Model, Tensor } from '../base/tensor.js';
import { evaluate } from '../ops/evaluate.js';
import { fromRef, toRef } from '../ops/ref.js';
import type { Engine, Feeds, Session } from './engine.js';

class ReferenceSession implements Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
    this.inputs = model.graph.inputs.map((v) => v.name);
    this.outputs = model.graph.outputs.map((v) => v.name);
  }

  async run(feeds: Feeds, into?: Feeds): Promise<Map<string, Tensor>> {
    const opset = this.model.opsets.get('') ?? 0;
    const results = evaluate(this.model.graph, opset, new Map([...feeds].map(([name, t]) => [name, toRef(t)])));
    return new Map(
      [...results].map(([name, ref]) => {
        const made = fromRef(ref);
        const target = into?.get(name);
        if (!target) return [name, made];
        if (target.data.length !== made.data.length)
          throw new PithError('bug.engine', { at: { tensor: name }, expected: `[${made.dims}]`, got: `[${target.dims}]` });
        (target.data as Float32Array).set(made.data as Float32Array);
        return [name, target];
      }),
    );
  }

  async close(): Promise<void> {}
}

export const reference: Engine = {
  name: 'reference-float64',
  version: '1',
  open: async (model) => new ReferenceSession(model),
};
