/** `planSqueeze`: what `squeeze` would do, and about what it would take. Runs and writes nothing. */
import { checkKeys } from '../base/options.js';
import { weightsOf } from '../report/squeeze-build.js';
import { usualEffort } from '../squeeze/effort.js';
import { estimateSqueeze, type SqueezeEstimate } from '../squeeze/estimate.js';
import { unmeasurable } from '../squeeze/fidelity.js';
import { codable, keepEverything } from '../squeeze/squeeze.js';
import { type ModelSource, openModel } from './model-source.js';

export interface PlanSqueezeOptions {
  readonly model: ModelSource;
  readonly effort?: number;
  readonly lossless?: boolean;
}

export interface SqueezePlan extends SqueezeEstimate {
  readonly network: string;
  readonly bytes: number;
  /** Elements of all tensors of floats, and of small integers where a model is quantized already. */
  readonly weights: number;
}

/** Throws what opening the model throws, and `usage.option`. */
export async function planSqueeze(options: PlanSqueezeOptions): Promise<SqueezePlan> {
  checkKeys('planSqueeze', options, { model: 1, effort: 1, lossless: 1 });
  const { model, name: network, bytes } = await openModel(options.model);
  const estimate = estimateSqueeze(model, options.effort ?? usualEffort);
  const keep = options.lossless ? 'lossless was asked for' : unmeasurable(model);
  const plan = keep === undefined ? estimate.plan : keepEverything(codable(model), keep);
  return { ...estimate, plan, network, bytes, weights: weightsOf(plan) };
}
