/**
 * The graphs of a step over shards of the batch: the gradient of one shard, and the update of one slice of all parameters. Every shard
 * runs the same two graphs. Its gradient is already divided by the number of shards, so that their sum is that of the whole batch; what a
 * loss adds beside the images, a rate, is in each of them and so counts once.
 */
import { PithError } from '../../base/errors.js';
import type { Model } from '../../base/tensor.js';
import {
  decays,
  derive,
  emptyBuilder,
  finish,
  frame,
  type Program,
  type ProgramOptions,
  type Slot,
  update,
  updateInputs,
} from '../program.js';
import { inLine, type Layout, layoutOf, type Piece } from './layout.js';

/** Names in the update graph of one group of parameters. */
export interface GroupNames {
  readonly param: string;
  /** The gradients of the shards, summed in this order. */
  readonly gradients: readonly string[];
  readonly state: readonly string[];
  readonly next: { readonly param: string; readonly state: readonly string[] };
}

export interface ShardProgram extends Program {
  readonly shards: number;
  readonly gradient: Model;
  readonly update: Model;
  /** Where trained arrays stand in the vectors of parameters, gradients and optimizer states. */
  readonly layout: Layout;
  /** Optimizer states, each a vector of that layout. */
  readonly states: readonly string[];
  /** Running statistics, in a vector of their own. */
  readonly statistics: { readonly pieces: readonly Piece[]; readonly size: number };
  /** By name of a trained array or statistic: the output of the gradient graph that holds its gradient, or its next value. */
  readonly outputOf: ReadonlyMap<string, string>;
  /** In the order of the layout's groups. */
  readonly groups: readonly GroupNames[];
  /** The update's input by which the summed gradient is multiplied, where it is clipped. */
  readonly factor: string | undefined;
  readonly clipNorm: number;
}

/** Throws what `trainingProgram` throws, and `usage.workers` where the batch cannot be split evenly. */
export function shardProgram(options: ProgramOptions, shards: number): ShardProgram {
  const { batch, model, optimizer, clipNorm } = options;
  if (batch % shards !== 0)
    throw new PithError('usage.workers', {
      at: { option: 'workers' },
      expected: `a number of workers that divides the batch of ${batch}`,
      got: String(shards),
      fix: `use a batch of ${Math.max(1, Math.round(batch / shards)) * shards}`,
    });
  const derived = derive({ ...options, batch: batch / shards }, 1 / shards);
  const { builder, trainables, grads } = derived;
  const gradientOf = trainables.map(({ value }, i): [string, string] => [
    value.name,
    builder.output(`${value.name}/gradient`, grads[i]!).name,
  ]);
  const gradient = finish(model, builder);

  const layout = layoutOf(
    trainables.map(({ value: { name, dims }, owner, rateFactor }) => ({ name, dims, decays: decays(owner), rateFactor })),
    shards,
  );
  const stateNames = (name: string): string[] => optimizer.slots.map((slot) => `${name}/${slot}`);
  const slots = trainables.flatMap(({ value: { name, dims }, owner }): Slot[] => [
    { input: name, output: '', dims, owner: owner.name, kind: 'trained' },
    ...stateNames(name).map((input): Slot => ({ input, output: '', dims, owner: owner.name, kind: 'state' })),
  ]);
  const whole = frame(derived);
  const wide = ([, ...rest]: readonly number[]): number[] => [batch, ...rest];
  return {
    ...whole,
    imageDims: wide(whole.imageDims),
    targetDims: wide(whole.targetDims),
    feeds: whole.feeds.map((fed) => (fed.perImage ? { ...fed, dims: wide(fed.dims) } : fed)),
    ...updateProgram(options, layout, shards),
    slots: [...slots, ...derived.slots],
    shards,
    gradient,
    layout,
    states: optimizer.slots,
    statistics: inLine(derived.slots.map((s) => ({ name: s.input, dims: s.dims }))),
    outputOf: new Map([...gradientOf, ...derived.slots.map((s): [string, string] => [s.input, s.output])]),
    clipNorm,
  };
}

function updateProgram(
  options: ProgramOptions,
  { groups }: Layout,
  shards: number,
): Pick<ShardProgram, 'update' | 'groups' | 'factor' | 'rate' | 'scalars'> {
  const builder = emptyBuilder(options.model, 'update');
  const { rate, scalars } = updateInputs(builder, options.optimizer);
  const factor = options.clipNorm > 0 ? builder.input('factor', { dtype: 'float32', dims: [] }) : undefined;
  const names = groups.map((group): GroupNames => {
    const type = { dtype: 'float32', dims: [group.size / shards] } as const;
    const param = builder.input(group.name, type);
    const gradients = Array.from({ length: shards }, (_, i) => builder.input(`${group.name}/gradient/${i}`, type));
    const sum = gradients.reduce((a, b) => builder.Add(a, b));
    const grad = factor ? builder.Mul(sum, factor) : sum;
    const { name: owner, decays, rateFactor } = group;
    const [next, ...states] = update(options, builder, { owner, param, grad, decays, rate, rateFactor, scalars });
    return {
      param: param.name,
      gradients: gradients.map((g) => g.name),
      state: states.map((s) => s.input),
      next: { param: next!.output, state: states.map((s) => s.output) },
    };
  });
  const model = finish(options.model, builder);
  return { update: model, groups: names, factor: factor?.name, rate: rate.name, scalars: scalars.map((s) => s.name) };
}
