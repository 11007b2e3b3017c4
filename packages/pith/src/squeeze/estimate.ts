/**
 * What a squeeze will take, from shapes alone, before anything is spent: the plan as far as it is known then, seconds, bytes of memory.
 * Within a factor of about two on a quiet computer; the figures of speed are those of two cores.
 */
import { byteSize, type Model } from '../base/tensor.js';
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
  const weights = rounded.reduce((sum, row) => sum + row.elements, 0);
  const layers = effort.look === 'none' ? [] : rounded.flatMap(({ layer }) => (layer ? [layer] : []));
  const sample = scaleOf(given).multiplyAdds;
  const tensors = [...model.graph.initializers.values()].reduce((sum, { dtype, dims }) => sum + byteSize(dtype, dims), 0);
  return {
    plan,
    batchNorms,
    seconds: {
      preparing: preparing(layers, effort, sample, batchNorms.folded.length > 0),
      eachRound: quantizing(layers, effort, weights) + weights / speed.code + (2 * measuredSamples * sample) / speed.multiplyAdds,
    },
    // the original, its levels, what is decoded of them; and the statistics of all layers
    memoryBytes: 2.5 * tensors + layers.reduce((sum, layer) => sum + 8 * (widthOf(layer) ** 2 + (layer.rows / layer.groups) ** 2), 0),
  };
}

const looks = { none: 'trellis', forward: 'feedback', gradient: 'two-sided feedback' } as const satisfies Record<Effort['look'], Method>;

function aimOf({ rule, tiedTo, layer }: InventoryRow, { grid, look }: Effort): Method {
  if (rule === 'exact') return 'exact';
  if (tiedTo !== undefined) return 'tied';
  if (rule === 'near') return 'near';
  return grid === 'scalar' ? 'round' : layer ? looks[look] : 'trellis';
}

function preparing(layers: readonly WeightLayer[], { look, samples, draws, distilled }: Effort, sample: number, distills: boolean): number {
  if (look === 'none') return 0;
  const passes = look === 'gradient' ? 2 * draws * 3 : 1;
  const distilling = distills ? distilled * distillPasses : 0;
  const factors = layers.reduce((sum, l) => sum + widthOf(l) ** 3 + (l.rows / l.groups) ** 3, 0);
  // a moment of a layer takes as much again as the layer itself
  return ((2 * samples * passes + distilling) * sample) / speed.multiplyAdds + factors / speed.cubes;
}

function quantizing(layers: readonly WeightLayer[], { grid, passes }: Effort, weights: number): number {
  if (grid === 'scalar') return weights / speed.round;
  const withFeedback = layers.reduce((sum, l) => sum + (l.rows * widthOf(l) ** 2) / 2 + (widthOf(l) * l.rows ** 2) / l.groups / 2, 0);
  return passes * (weights / speed.trellis + withFeedback / speed.feedback);
}
