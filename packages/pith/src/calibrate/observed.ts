/**
 * Types of values that pith's own rules cannot tell, because an operator is unknown to pith: found by running the model once and looking.
 */
import { PithError } from '../base/errors.js';
import { type Model, type NodeData, sizeOf } from '../base/tensor.js';
import { type Engine, type Feeds, withSession } from '../engine/engine.js';
import { Graph } from '../graph/graph.js';
import type { Known } from '../graph/value.js';
import { bound } from './bound.js';

/** For inputs of these shapes. */
export type Observe = (feeds: Feeds) => Promise<ReadonlyMap<string, Known>>;

interface Observed {
  readonly engine: Engine;
  readonly threads: number;
  readonly model: Model;
}

/** Small whole numbers are kept with their contents: they are shapes, computed from those of the inputs. */
const shapeSize = 16;

export const observer =
  ({ engine, threads, model }: Observed): Observe =>
  async (feeds) => {
    const { types } = bound(model, feeds, none);
    const graph = new Graph(model.graph);
    const names = graph.nodes.filter(isPlain).flatMap(({ outputs }) => outputs.filter((name) => name !== '' && !types.has(name)));
    if (names.length === 0) return none;
    graph.outputs.splice(0, graph.outputs.length, ...names.map((name) => ({ name, dtype: null, dims: null })));
    graph.prune();
    const whole = { ...model, graph: { ...graph.freeze(), valueInfo: [] } };
    try {
      const results = await withSession(engine, whole, { threads }, (session) => session.run(feeds));
      return new Map(
        [...results].map(([name, tensor]) => {
          const { dtype, dims } = tensor;
          const isShape = dtype.startsWith('int') && sizeOf(dims) <= shapeSize;
          return [name, isShape ? { dtype, dims, constant: tensor } : { dtype, dims }];
        }),
      );
    } catch (error) {
      // Then these values stay unknown, and what depends on them has no gradient.
      if (error instanceof PithError) return none;
      throw error;
    }
  };

const none: ReadonlyMap<string, Known> = new Map();

/** Whether the outputs of a node are tensors. */
const isPlain = ({ op }: NodeData): boolean => !/Sequence|Optional|ZipMap/.test(op);
