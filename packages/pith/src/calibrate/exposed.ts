/** A model that also gives values from its inside, whatever its operators and opset: nothing but Casts is added. */
import { type DType, dtypes, type Model, type Tensor } from '../base/tensor.js';
import type { Feeds, Session } from '../engine/engine.js';
import { Graph } from '../graph/graph.js';

export interface Wanted {
  /** A value of the main graph; an input is possible. */
  readonly value: string;
  readonly as: DType;
}

export interface Exposed {
  /** Its outputs are the wanted values alone. */
  readonly model: Model;
  /** One run: the wanted values by name. */
  run(session: Session, feeds: Feeds): Promise<Map<string, Tensor>>;
}

/** Only what the wanted values depend on is computed. */
export function exposed(model: Model, wanted: readonly Wanted[]): Exposed {
  const graph = new Graph(model.graph);
  graph.outputs.splice(0);
  // A batch of one that the model says may be of more: whether it can is seen when it runs.
  graph.inputs.forEach((info, i) => {
    graph.inputs[i] = { ...info, dims: info.dims?.map(() => null) ?? null };
  });
  const names = new Map<string, string>();
  for (const { value, as } of wanted) {
    if (names.has(value)) continue;
    const output = graph.fresh(`${value}/exposed`);
    const attributes = new Map([['to', { kind: 'int', value: dtypes[as].onnx } as const]]);
    graph.add({ op: 'Cast', name: output, inputs: [value], outputs: [output], attributes });
    graph.outputs.push({ name: output, dtype: as, dims: null });
    names.set(value, output);
  }
  graph.prune();
  return {
    model: { ...model, graph: { ...graph.freeze(), valueInfo: [] } },
    async run(session, feeds) {
      const results = await session.run(feeds);
      return new Map([...names].map(([value, output]) => [value, results.get(output)!]));
    },
  };
}
