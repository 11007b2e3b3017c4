/**
 * What an error in each weight costs, found out once: samples flow through the model, moments are gathered, and turned into feedback and
 * prices. Layers that cannot be looked at are priced by their weights alone.
 */
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { turn } from '../base/turn.js';
import { collectMoments } from '../calibrate/collect.js';
import type { LayerMoments } from '../calibrate/moments.js';
import type { Samples } from '../calibrate/samples.js';
import { type Engine, withSession } from '../engine/engine.js';
import { toRef } from '../ops/ref.js';
import type { Effort } from './effort.js';
import type { InventoryRow } from './inventory.js';
import { type Pricing, priced, withoutStatistics } from './pricing.js';
import type { View } from './view.js';
import { matrixOf } from './weights.js';

export interface LookOptions {
  readonly engine: Engine;
  readonly threads: number;
  /** With its batch norms folded. */
  readonly model: Model;
  /** The tensors that are to be rounded. */
  readonly rows: readonly WeightRow[];
  readonly samples: Samples;
  readonly effort: Effort;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export type WeightRow = InventoryRow & { readonly view: View };

/** A weight and what its errors cost. */
export interface PricedTensor {
  readonly row: WeightRow;
  readonly pricing: Pricing;
}

/** Moments take this share of the work, factors the rest. */
const shareOfMoments = 0.7;

/** Throws what the engine throws where the model does not run on its samples, `interrupted.cancelled`. */
export async function look(options: LookOptions): Promise<PricedTensor[]> {
  const { engine, threads, model, rows, samples, effort, seed, signal, onProgress } = options;
  const layers = rows.flatMap(({ layer }) => (layer ? [layer] : []));
  const some = effort.look !== 'none' && layers.length > 0;
  const progress = (done: number, total: number): void => onProgress?.(shareOfMoments * (done / total), 1);
  const common = { engine, threads, model, samples, seed, signal, onProgress: progress };
  const moments =
    effort.look === 'none' || !some
      ? new Map<string, LayerMoments>()
      : await collectMoments({ ...common, layers, kind: effort.look, draws: effort.draws });
  const power = some ? await outputPower(options) : 1;
  const found: PricedTensor[] = [];
  for (const row of rows) {
    await turn(signal);
    found.push({ row, pricing: pricingOf(model, row, moments.get(row.name), { power, asked: some }) });
    // moments are as large as what is made of them
    moments.delete(row.name);
    onProgress?.(shareOfMoments + (1 - shareOfMoments) * (found.length / rows.length), 1);
  }
  return found;
}

interface Look {
  readonly power: number;
  readonly asked: boolean;
}

function pricingOf(model: Model, row: WeightRow, moments: LayerMoments | undefined, { power, asked }: Look): Pricing {
  const { view, layer } = row;
  const weights = matrixOf(model.graph.initializers.get(row.name)!, view);
  const width = view.columns * view.positions;
  if (!layer || !moments) {
    const why = layer ? 'what flows into it cannot be looked at' : 'no node multiplies with it in a way that pith knows';
    return withoutStatistics(weights, width, asked ? why : undefined);
  }
  const biased = layer.bias !== undefined && layer.readers.length === 1 && ownBias(model, layer.bias);
  return priced(weights, { width, rows: view.rows, biased, lookup: layer.op === 'Gather' }, moments, power);
}

/** Whether one node alone reads it, and it can be moved: what makes good for one layer must not disturb another. */
function ownBias({ graph }: Model, name: string): boolean {
  const readers = graph.nodes.filter((node) => node.inputs.includes(name)).length;
  return readers === 1 && graph.initializers.get(name)?.dtype === 'float32' && !graph.outputs.some((v) => v.name === name);
}

/** Enough to tell the scale of the output. */
const samplesOfPower = 64;

/** The mean over samples of the summed squares of the first output's elements, the mean of all elements taken off. */
async function outputPower({ engine, threads, model, samples }: LookOptions): Promise<number> {
  const { name } = model.graph.outputs[0]!;
  const count = Math.min(samples.count, samplesOfPower);
  return withSession(engine, model, { threads }, async (session) => {
    let [sum, squares, elements] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const output = (await session.run(samples.feeds(i, 1))).get(name);
      if (!output) throw new PithError('bug.engine', { at: { tensor: name }, expected: 'an output', got: 'none' });
      for (const v of toRef(output).data) {
        sum += v;
        squares += v * v;
        elements++;
      }
    }
    const power = (squares - (sum * sum) / Math.max(1, elements)) / count;
    return Number.isFinite(power) && power > 0 ? power : 1;
  });
}
