/** A model that is ready: takes named inputs, gives named outputs, computes in float32 on this thread. */
import { PithError } from '../errors.js';
import type { Floats } from '../kernels/kernel.js';
import type { GraphData, ValueInfo } from '../model.js';
import type { Plan } from './plan.js';

/** Numbers in row-major order; where only they are given, the shape is the model's, with one free dimension filled in. */
export type Feed = Float32Array | Floats;

/** What a model is fed with or gives: by name. */
export type Feeds = Readonly<Record<string, Feed>>;
export type Outputs = Readonly<Record<string, Floats>>;

export class LoadedModel {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Recipe, seed, source … as the file has them. */
  readonly metadata: ReadonlyMap<string, string>;
  private plan: Plan | undefined;

  constructor(graph: GraphData, metadata: ReadonlyMap<string, string>, plan: Plan) {
    this.inputs = graph.inputs;
    this.outputs = graph.outputs;
    this.metadata = metadata;
    this.plan = plan;
  }

  /** One batch. Throws `usage.feed` for names or shapes that the model does not have, `usage.disposed` after `dispose`. */
  async run(feeds: Feeds): Promise<Outputs> {
    const { plan } = this;
    if (!plan) throw new PithError('usage.disposed', { expected: 'a model in use', got: 'one that was disposed of' });
    const values = new Map<string, Floats>([...plan.constants, ...this.bind(feeds)]);
    for (const { node, run, inputs, output, last } of plan.steps) {
      try {
        const result = run(inputs.map((name) => (name === undefined ? undefined : values.get(name))));
        values.set(output, result);
      } catch (error) {
        throw error instanceof PithError ? error.within({ node: node.name, op: node.op }) : error;
      }
      for (const name of last) values.delete(name);
    }
    return Object.fromEntries(this.outputs.map(({ name }) => [name, own(values.get(name)!, plan, feeds)]));
  }

  /** Lets go of the weights. */
  dispose(): void {
    this.plan = undefined;
  }

  private bind(feeds: Feeds): [string, Floats][] {
    for (const name of Object.keys(feeds))
      if (!this.inputs.some((input) => input.name === name))
        throw new PithError('usage.feed', {
          expected: `one of the inputs ${this.inputs.map((i) => `"${i.name}"`).join(', ')}`,
          got: `"${name}"`,
        });
    return this.inputs.flatMap((input): [string, Floats][] => {
      const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
      if (feed) return [[input.name, shaped(input, feed)]];
      if (this.plan?.constants.has(input.name)) return [];
      throw new PithError('usage.feed', { expected: `numbers for the input "${input.name}"`, got: 'none' });
    });
  }
}

/** Nobody who writes into an output may write into the model or into what he fed. */
function own(value: Floats, plan: Plan, feeds: Feeds): Floats {
  const shares = (other: Feed): boolean => (other instanceof Float32Array ? other : other.data).buffer === value.data.buffer;
  const foreign = [...plan.constants.values(), ...Object.values(feeds)].some(shares);
  return { dims: [...value.dims], data: foreign ? value.data.slice() : value.data };
}

function shaped(input: ValueInfo, feed: Feed): Floats {
  const refuse = (expected: string, got: string): never => {
    throw new PithError('usage.feed', { at: { tensor: input.name }, expected, got });
  };
  if (input.dtype !== null && input.dtype !== 'float32') refuse('an input of float32', input.dtype);
  const { data, dims } = feed instanceof Float32Array ? { data: feed, dims: undefined } : feed;
  const declared = input.dims;
  const shape = dims ?? filled(declared ?? refuse('a shape, for the model does not say it', 'numbers alone'), data.length);
  const shown = `[${(declared ?? []).map((d) => d ?? '?').join(', ')}]`;
  if (!shape || shape.reduce((product, d) => product * d, 1) !== data.length)
    return refuse(`numbers for the shape ${shown}`, `${data.length} numbers${dims ? ` as [${dims}]` : ''}`);
  if (declared && (shape.length !== declared.length || shape.some((d, i) => typeof declared[i] === 'number' && declared[i] !== d)))
    refuse(`the shape ${shown}`, `[${shape}]`);
  return { dims: shape, data };
}

/** The one free dimension from the count of numbers; undefined where there are several. */
function filled(declared: readonly (number | string | null)[], count: number): number[] | undefined {
  const free = declared.filter((d) => typeof d !== 'number').length;
  const fixed = declared.reduce<number>((product, d) => (typeof d === 'number' ? product * d : product), 1);
  if (free > 1) return undefined;
  return declared.map((d) => (typeof d === 'number' ? d : count / fixed));
}
