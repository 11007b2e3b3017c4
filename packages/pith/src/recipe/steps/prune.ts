/** `prune`: weights with the smallest scores are set to zero and stay so; what was pruned before stays pruned. */
import { z } from 'zod';
import { parametrizationOf, type WeightState } from '../../parametrization/list.js';
import { criteria } from '../../prune/criteria/list.js';
import { masks } from '../../prune/mask.js';
import { isWeight, parametersOf } from '../../train/parameters.js';
import { step } from '../step.js';

const perLayer = z.union([z.number(), z.record(z.string(), z.number())]);

export const prune = step({
  what: 'sets the least important weights to zero',
  settings: z.strictObject({
    criterion: z.enum(Object.keys(criteria) as (keyof typeof criteria)[]).default('magnitude'),
    threshold: z.discriminatedUnion('scope', [
      z.strictObject({ scope: z.literal('layer'), density: perLayer }),
      z.strictObject({ scope: z.literal('global'), density: z.number() }),
      z.strictObject({ scope: z.literal('deviation'), quality: perLayer }),
    ]),
  }),
  async run(before, { criterion, threshold }) {
    const layers = parametersOf(before.model)
      .filter(isWeight)
      .map(({ name, dims }) => {
        const state = before.states.get(name);
        return {
          name,
          dims,
          weights: state ? parametrizationOf(state).dense(state) : (before.model.graph.initializers.get(name)!.data as Float32Array),
        };
      });
    const found = masks(layers, criterion, threshold);
    const states = new Map<string, WeightState>(before.states);
    for (const { name, dims, weights } of layers) {
      const mask = found.get(name)!;
      states.set(name, { kind: 'sparse', dims, values: weights.map((w, i) => (mask[i] ? w : 0)), mask });
    }
    return { after: { ...before, states } };
  },
});
