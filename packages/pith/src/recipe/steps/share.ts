/** `share`: the kept weights of each layer are replaced by the nearest of a few centroids found by k-means; zeros stay zeros. */
import { z } from 'zod';
import { type WeightState, parametrizationOf } from '../../parametrization/list.js';
import { kmeans } from '../../quantize/kmeans.js';
import { isWeight, type Parameter, parametersOf } from '../../train/parameters.js';
import { step } from '../step.js';

/** By layer name, or by role, or one for all. */
const bits = (least: number, most: number) => z.union([z.int().min(least).max(most), z.record(z.string(), z.int().min(least).max(most))]);

/** The setting for a parameter: under its name, else under its role. */
export const settingFor = (given: number | Readonly<Record<string, number>>, p: Parameter, otherwise: number): number =>
  typeof given === 'number' ? given : (given[p.name] ?? given[p.role] ?? otherwise);

export const share = step({
  what: 'makes weights share the values of a codebook',
  settings: z.strictObject({
    /** Codebooks have 2^bits centroids at most. */
    bits: bits(1, 15).default({ convolution: 8, linear: 5, embedding: 5 }),
    /** Bits of a relative position in the file. */
    gapBits: bits(1, 16).default({ convolution: 8, linear: 5, embedding: 5 }),
    initialisation: z.enum(['linear', 'density', 'random']).default('linear'),
    iterations: z.int().min(1).default(100),
  }),
  async run(before, settings, { random }) {
    const states = new Map<string, WeightState>(before.states);
    for (const p of parametersOf(before.model).filter(isWeight)) {
      const state = states.get(p.name);
      const weights = state ? parametrizationOf(state).dense(state) : (before.model.graph.initializers.get(p.name)!.data as Float32Array);
      const kept = weights.filter((w) => w !== 0);
      const clusters = 2 ** settingFor(settings.bits, p, 5);
      const { centroids, index } = kmeans(kept, { clusters, initialisation: settings.initialisation, iterations: settings.iterations, random });
      const whole = new Uint16Array(weights.length);
      let at = 0;
      for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) whole[i] = index[at++]! + 1;
      states.set(p.name, { kind: 'shared', dims: p.dims, codebook: centroids, index: whole, gapBits: settingFor(settings.gapBits, p, 5) });
    }
    return { after: { ...before, states } };
  },
});
