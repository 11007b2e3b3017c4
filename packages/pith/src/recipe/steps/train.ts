/** `train`: gradient descent on the task, through whatever parametrization the weights have by now. */
import { z } from 'zod';
import { PithError } from '../../base/errors.js';
import type { Model } from '../../base/tensor.js';
import { augmentSetting, namedAugment } from '../../data/augment/named.js';
import { fit, withWeights } from '../../train/fit.js';
import { losses } from '../../train/losses/list.js';
import { optimizers } from '../../train/optimizers/list.js';
import { parametersOf } from '../../train/parameters.js';
import { step } from '../step.js';

const warmup = z.number().min(0).max(1).optional();

/** Throws `usage.recipe` for a name that no parameter has. */
function checkFrozen(frozen: readonly string[], model: Model): void {
  const known = parametersOf(model).map((p) => p.name);
  for (const name of frozen)
    if (!known.includes(name))
      throw new PithError('usage.recipe', { at: { option: 'train: frozen' }, expected: `names among ${known.join(', ')}`, got: name });
}

export const train = step({
  what: 'trains weights, kept weights or centroids on the data',
  settings: z.strictObject({
    epochs: z.int().min(1),
    batch: z.int().min(1).default(64),
    optimizer: z.enum(Object.keys(optimizers) as (keyof typeof optimizers)[]).default('sgd'),
    momentum: z.number().min(0).max(1).default(0.9),
    nesterov: z.boolean().default(false),
    rate: z.number().positive(),
    schedule: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('constant'), warmup }),
        z.strictObject({ kind: z.literal('step'), every: z.number().positive(), gamma: z.number().positive(), warmup }),
        z.strictObject({ kind: z.literal('cosine'), end: z.number().min(0).max(1).optional(), warmup }),
      ])
      .default({ kind: 'cosine' }),
    loss: z.enum(Object.keys(losses) as (keyof typeof losses)[]).default('softmax-cross-entropy'),
    labelSmoothing: z.number().min(0).max(1).default(0),
    weightDecay: z.number().min(0).default(0),
    clipNorm: z.number().min(0).default(0),
    averaging: z.strictObject({ from: z.number().min(0).max(1), every: z.int().min(1), decay: z.number().min(0).max(1) }).optional(),
    /** Names of parameters that stay as they are. */
    frozen: z.array(z.string()).default([]),
    augment: augmentSetting.default('none'),
  }),
  async run(before, settings, context) {
    const { host, data, preprocess, seed, signal, onProgress, resume, onStep } = context;
    const { epochs, batch, augment, frozen, ...plan } = settings;
    const source = host.source({
      split: data.train,
      batch: Math.min(batch, data.train.count),
      seed,
      preprocess,
      augment: namedAugment(augment, data.train),
      signal,
    });
    const { model, states } = before;
    checkFrozen(frozen, model);
    const result = await fit({
      engine: host.engine,
      threads: host.threads,
      stepping: host.stepping,
      model: withWeights(model, new Map(), before.statistics),
      states,
      frozen: new Set(frozen),
      source,
      plan: { epochs, ...plan },
      signal,
      onProgress,
      resume,
      onStep,
    });
    const statistics = new Map([...before.statistics, ...result.statistics]);
    return { after: { model, states: result.states, statistics }, epochs: result.history };
  },
});
