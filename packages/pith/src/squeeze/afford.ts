/**
 * An effort within its budget: a network of which one pass takes seconds is looked at with fewer samples, fewer draws, or forwards alone,
 * so that an effort means about as much work whatever the model. Budgets are counted in multiply-adds, never in seconds: the same model
 * gets the same result on every machine.
 */
import { type Model, sizeOf } from '../base/tensor.js';
import { costIfKnown } from '../cost/cost.js';
import { type Effort, effortOf } from './effort.js';

/** Where nobody knows what a sample costs: multiply-adds for each weight. */
const usualReuse = 30;

export interface Scale {
  /** Multiply-adds of one sample. */
  readonly multiplyAdds: number;
  /** Matrices among the weights. */
  readonly layers: number;
}

export function scaleOf(model: Model): Scale {
  const weights = [...model.graph.initializers.values()].filter(({ dims }) => dims.length > 1);
  const known = costIfKnown(model)?.totals.multiplyAdds;
  return { multiplyAdds: known || usualReuse * weights.reduce((sum, { dims }) => sum + sizeOf(dims), 0), layers: weights.length };
}

/** What the effort of this number comes to for a model. */
export const effortFor = (level: number, model: Model): Effort => {
  const effort = effortOf(level);
  return effort.look === 'none' ? effort : within(effort, scaleOf(model));
};

/** Passes of a distillation, counted in forward ones. */
const distilling = 60 * 3;
/** Of gradient moments: forward twice; for each draw back twice, and the moments themselves. */
const gradient = (draws: number): number => 2 + 7 * draws;
const forward = 1.5;

/** With fewer samples than these a simpler look with more of them tells more. */
const leastOfGradient = 12;
const leastOfForward = 8;
/** Fewer distilled inputs are no better than noise. */
const leastDistilled = 4;

export function within(effort: Effort, { multiplyAdds, layers }: Scale): Effort {
  const passes = effort.budget / Math.max(1, multiplyAdds);
  const looked = effort.look === 'gradient' ? gradientWithin(effort, passes) : forwardWithin(effort, passes);
  const distilled = Math.floor(passes / distilling);
  return {
    ...looked,
    distilled: distilled < leastDistilled ? 0 : Math.min(looked.distilled, distilled),
    drift: looked.drift && layers * looked.samples <= passes,
  };
}

function gradientWithin(effort: Effort, passes: number): Effort {
  for (const draws of [effort.draws, 1]) {
    const count = Math.floor(passes / gradient(draws));
    if (count >= leastOfGradient) return { ...effort, draws, samples: Math.min(effort.samples, count), most: Math.min(effort.most, count) };
  }
  return forwardWithin({ ...effort, look: 'forward', draws: 0, distilled: 0 }, passes);
}

function forwardWithin(effort: Effort, passes: number): Effort {
  const count = Math.max(leastOfForward, Math.floor(passes / forward));
  return { ...effort, samples: Math.min(effort.samples, count), most: Math.min(effort.most, count) };
}
