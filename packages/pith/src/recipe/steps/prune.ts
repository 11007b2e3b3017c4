/** `prune`: weights with the smallest scores are set to zero and stay so; what was pruned before stays pruned. */
import { z } from 'zod';
import { firstImages } from '../../data/dataset.js';
import { parametrizationOf, type WeightState } from '../../parametrization/list.js';
import { type CriterionName, criteria } from '../../prune/criteria/list.js';
import { type Layer, masks } from '../../prune/mask.js';
import { type LayerScan, sensitivityScan } from '../../prune/sensitivity.js';
import { evaluate } from '../../train/evaluate.js';
import { withWeights } from '../../train/fit.js';
import { isWeight, parametersOf } from '../../train/parameters.js';
import { type Compression, type StepContext, step } from '../step.js';

const perLayer = z.union([z.number(), z.record(z.string(), z.number())]);

export const prune = step({
  what: 'sets the least important weights to zero',
  settings: z.strictObject({
    criterion: z.enum(Object.keys(criteria) as (keyof typeof criteria)[]).default('magnitude'),
    threshold: z.discriminatedUnion('scope', [
      z.strictObject({ scope: z.literal('layer'), density: perLayer }),
      z.strictObject({ scope: z.literal('global'), density: z.number() }),
      z.strictObject({ scope: z.literal('deviation'), quality: perLayer }),
      z.strictObject({
        scope: z.literal('sensitivity'),
        /** Largest rise of the error when a layer is pruned alone, as a fraction. */
        tolerance: z.number().min(0).max(1),
        densities: z.array(z.number()).min(1).default([0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02]),
        /** Training images that the error is measured on. */
        images: z.int().min(1).default(2000),
      }),
    ]),
  }),
  async run(before, { criterion, threshold }, context) {
    const layers = layersOf(before);
    const scan = threshold.scope === 'sensitivity' ? await scanLayers(before, layers, criterion, threshold, context) : undefined;
    const density = scan && Object.fromEntries(scan.map((l) => [l.layer, l.density]));
    const found = masks(layers, criterion, threshold.scope === 'sensitivity' ? { scope: 'layer', density: density! } : threshold);
    const states = new Map<string, WeightState>(before.states);
    for (const { name, dims, weights } of layers) {
      const mask = found.get(name)!;
      states.set(name, { kind: 'sparse', dims, values: weights.map((w, i) => (mask[i] ? w : 0)), mask });
    }
    return { after: { ...before, states }, ...(scan && { notes: { sensitivity: scan } }) };
  },
});

interface PrunedLayer extends Layer {
  readonly dims: readonly number[];
}

const layersOf = ({ model, states }: Compression): PrunedLayer[] =>
  parametersOf(model)
    .filter(isWeight)
    .map(({ name, dims }) => {
      const state = states.get(name);
      const weights = state ? parametrizationOf(state).dense(state) : (model.graph.initializers.get(name)!.data as Float32Array);
      return { name, dims, weights };
    });

interface ScanSettings {
  readonly tolerance: number;
  readonly densities: readonly number[];
  readonly images: number;
}

/** The scan reads training images only: the test part decides nothing here. */
function scanLayers(
  before: Compression,
  layers: readonly PrunedLayer[],
  criterion: CriterionName,
  { tolerance, densities, images }: ScanSettings,
  { host, data, preprocess, signal }: StepContext,
): Promise<LayerScan[]> {
  const split = firstImages(data.train, Math.min(images, data.train.count));
  const model = withWeights(before.model, before.states, before.statistics);
  const errorWith = async (name?: string, weights?: Float32Array): Promise<number> => {
    const dims = layers.find((l) => l.name === name)?.dims ?? [];
    const changed = name === undefined ? model : withWeights(model, new Map([[name, { kind: 'dense', dims, values: weights! }]]));
    return (await evaluate({ engine: host.engine, threads: host.threads, model: changed, split, preprocess, signal })).error;
  };
  return sensitivityScan({ layers, criterion, densities, tolerance, errorWith });
}
