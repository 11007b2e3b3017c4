/**
 * What a squeeze will take, from shapes alone, before anything is spent: the plan as far as it is known then, seconds, bytes of memory.
 * Within a factor of about two on a quiet computer; the figures of speed are those of two cores.
 */
import { byteSize, type Model } from '../base/tensor.js';
import { sidesWithin } from '../calibrate/collect.js';
import type { WeightLayer } from '../calibrate/layer.js';
import { widthOf } from '../calibrate/layer.js';
import { foldBatchNorm } from '../rewrite/fold-batch-norm.js';
import { effortFor, scaleOf } from './afford.js';
import type { Effort } from './effort.js';
import { type InventoryRow, inventory } from './inventory.js';
import { codable, type Method, type PlanRow, type Prepared } from './squeeze.js';

export interface SqueezeEstimate {
  /** Methods are what the effort aims at; a layer that cannot be looked at gets a simpler one. */
  readonly plan: readonly PlanRow[];
  readonly batchNorms: Prepared['batchNorms'];
  readonly seconds: { readonly preparing: number; readonly eachRound: number };
  /** The most at one time, beside what the program itself takes. */
  readonly memoryBytes: number;
}

/** In each second. */
const speed = { multiplyAdds: 4e10, feedback: 2.5e8, cubes: 4e8, round: 8e6, trellis: 4e5, code: 4e6 } as const;
/** Passes through the network, counted in forward ones: a gradient takes three. */
const distillPasses = 60 * 3;
const measuredSamples = 128;

export function estimateSqueeze(given: Model, level: number): SqueezeEstimate {
  const effort = effortFor(level, given);
  const { model, ...batchNorms } = foldBatchNorm(codable(given));
  const plan = inventory(model).map((row): PlanRow => ({ ...row, method: aimOf(row, effort) }));
  const rounded = plan.filter(({ rule, tiedTo }) => rule === 'quantize' && tiedTo === undefined);
  const weights = sum(rounded, ({ elements }) => elements);
  const layers = effort.look === 'none' ? [] : rounded.flatMap(({ layer }) => (layer ? [layer] : []));
  const sample = scaleOf(given).multiplyAdds;
  const tensors = sum([...model.graph.initializers.values()], ({ dtype, dims }) => byteSize(dtype, dims));
  return {
    plan,
    batchNorms,
    seconds: {
      preparing: preparing(layers, effort, sample, batchNorms.folded.length > 0),
      eachRound: quantizing(layers, effort, weights) + weights / speed.code + (2 * measuredSamples * sample) / speed.multiplyAdds,
    },
    // the original, and that again where a session has it mapped; and the statistics of all layers
    memoryBytes: 2.2 * tensors + 8 * sum(layers, (layer) => powerOfSides(layer, effort, 2)),
  };
}

const looks = { none: 'trellis', forward: 'feedback', gradient: 'two-sided feedback' } as const satisfies Record<Effort['look'], Method>;

function aimOf({ rule, tiedTo, layer }: InventoryRow, { grid, look }: Effort): Method {
  if (rule === 'exact') return 'exact';
  if (tiedTo !== undefined) return 'tied';
  if (rule === 'near') return 'near';
  return grid === 'scalar' ? 'round' : layer ? looks[look] : 'trellis';
}

function preparing(layers: readonly WeightLayer[], effort: Effort, sample: number, distills: boolean): number {
  const { look, samples, draws, distilled } = effort;
  if (look === 'none') return 0;
  const passes = look === 'gradient' ? 2 * draws * 3 : 1;
  const distilling = distills ? distilled * distillPasses : 0;
  const factors = sum(layers, (layer) => powerOfSides(layer, effort, 3));
  // a moment of a layer takes as much again as the layer itself
  return ((2 * samples * passes + distilling) * sample) / speed.multiplyAdds + factors / speed.cubes;
}

function quantizing(layers: readonly WeightLayer[], effort: Effort, weights: number): number {
  const { grid, passes } = effort;
  if (grid === 'scalar') return weights / speed.round;
  const withFeedback = sum(layers, (layer) => {
    const { width, height } = extentOf(layer, effort);
    return (layer.rows * widthOf(layer) * (width + height)) / 2;
  });
  return passes * (weights / speed.trellis + withFeedback / speed.feedback);
}

/** Rows of the square matrices on both sides of a layer; 1 for a diagonal. */
function extentOf(layer: WeightLayer, { look }: Effort): { readonly blocks: number; readonly width: number; readonly height: number } {
  const { input, output, blocks } = sidesWithin(layer);
  return {
    blocks,
    width: input === 'full' ? widthOf(layer) / blocks : 1,
    height: look === 'gradient' && output === 'full' ? layer.rows / layer.groups : 1,
  };
}

/** Their numbers for a power of 2, the work to invert them for one of 3. */
function powerOfSides(layer: WeightLayer, effort: Effort, power: number): number {
  const { blocks, width, height } = extentOf(layer, effort);
  return layer.groups * (blocks * width ** power + height ** power);
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);
