/** `share`: the kept weights of each layer are replaced by the nearest of a few centroids found by k-means; zeros stay zeros. */
import { z } from 'zod';
import { PithError } from '../../base/errors.js';
import { parametrizationOf, type WeightState } from '../../parametrization/list.js';
import { kmeans } from '../../quantize/kmeans.js';
import { isWeight, type Parameter, parametersOf } from '../../train/parameters.js';
import { step } from '../step.js';

/** By layer name, or by role, or one for all. */
const bits = (least: number, most: number) => z.union([z.int().min(least).max(most), z.record(z.string(), z.int().min(least).max(most))]);

/** Of codebooks and of positions, as in the paper: what a role has that nothing is said of. */
const usual = { convolution: 8, linear: 5, embedding: 5 };

/** The setting for a parameter: under its name, else under its role. */
function settingFor(given: number | Readonly<Record<string, number>>, { name, role }: Parameter): number {
  if (typeof given === 'number') return given;
  const all = { ...usual, ...given };
  return Object.hasOwn(all, name) ? all[name as keyof typeof all] : all[role as keyof typeof usual];
}

/** Throws `usage.recipe` for a key that is neither a role nor a weight of the model. */
function checkNames(setting: string, given: number | Readonly<Record<string, number>>, weights: readonly Parameter[]): void {
  if (typeof given === 'number') return;
  const known = new Set([...Object.keys(usual), ...weights.map((p) => p.name)]);
  for (const key of Object.keys(given))
    if (!known.has(key))
      throw new PithError('usage.recipe', { at: { option: `share: ${setting}` }, expected: `one of ${[...known].join(', ')}`, got: key });
}

export const share = step({
  what: 'makes weights share the values of a codebook',
  settings: z.strictObject({
    /** Codebooks have 2^bits centroids at most. */
    bits: bits(1, 15).default(usual),
    /** Bits of a relative position in the file. */
    gapBits: bits(1, 16).default(usual),
    initialisation: z.enum(['linear', 'density', 'random']).default('linear'),
    iterations: z.int().min(1).default(100),
  }),
  async run(before, settings, { random }) {
    const states = new Map<string, WeightState>(before.states);
    const parameters = parametersOf(before.model).filter(isWeight);
    checkNames('bits', settings.bits, parameters);
    checkNames('gapBits', settings.gapBits, parameters);
    for (const p of parameters) {
      const state = states.get(p.name);
      const weights = state ? parametrizationOf(state).dense(state) : (before.model.graph.initializers.get(p.name)!.data as Float32Array);
      const kept = weights.filter((w) => w !== 0);
      const clusters = 2 ** settingFor(settings.bits, p);
      const { centroids, index } = kmeans(kept, {
        clusters,
        initialisation: settings.initialisation,
        iterations: settings.iterations,
        random,
      });
      const whole = new Uint16Array(weights.length);
      let at = 0;
      for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) whole[i] = index[at++]! + 1;
      states.set(p.name, { kind: 'shared', dims: p.dims, codebook: centroids, index: whole, gapBits: settingFor(settings.gapBits, p) });
    }
    return { after: { ...before, states } };
  },
});
