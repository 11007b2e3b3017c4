/** Small compressions, and stores that fail: for the tests of the runner and of whole jobs. */
import { defaultPreprocess } from '../../src/data/preprocess.js';
import { codeCompression } from '../../src/recipe/code.js';
import type { CompressionJob } from '../../src/recipe/compress.js';
import { parseRecipe, type RecipeInput, type StepInput } from '../../src/recipe/recipe.js';
import { runRecipe } from '../../src/recipe/runner.js';
import type { Compression } from '../../src/recipe/step.js';
import { memoryStore, type Store } from '../../src/recipe/store.js';
import { fixedPlan } from '../../src/recipe/targets.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.js';
import { dense, host, stripes } from '../train/tiny.js';

export const recipeOf = (...steps: readonly StepInput[]): RecipeInput => ({ version: 1, name: 'tiny', steps });

export const shortRecipe = recipeOf(
  { use: 'prune', criterion: 'lamp', threshold: { scope: 'global', density: 0.5 } },
  { use: 'train', epochs: 1, batch: 16, rate: 0.05 },
  { use: 'share', bits: 3, initialisation: 'random' },
  { use: 'train', epochs: 1, batch: 16, rate: 0.005, optimizer: 'adam', averaging: { from: 0.4, every: 1, decay: 0.5 } },
);

export const job = (more: Partial<CompressionJob> = {}): CompressionJob => ({
  model: dense(),
  data: stripes(),
  preprocess: defaultPreprocess,
  recipe: shortRecipe,
  knobs: {},
  targets: {},
  seed: 7,
  host: host(),
  store: memoryStore(),
  metadata: new Map([['seed', '7']]),
  ...more,
});

/** A store that keeps bytes, as a folder does, and logs its calls. */
export function bytesStore(): Store & { readonly calls: string[]; readonly events: Readonly<Record<string, unknown>>[] } {
  const kept = new Map<string, Uint8Array>();
  const calls: string[] = [];
  const events: Readonly<Record<string, unknown>>[] = [];
  return {
    calls,
    events,
    save: async (name, checkpoint: Checkpoint) => {
      calls.push(`save ${name}`);
      kept.set(name, new Uint8Array(Buffer.concat(encodeCheckpoint(checkpoint))));
    },
    load: async (name) => {
      const bytes = kept.get(name);
      return bytes && decodeCheckpoint(bytes);
    },
    remove: async (name) => {
      calls.push(`remove ${name}`);
      kept.delete(name);
    },
    event: async (event) => {
      calls.push(`event ${String(event['event'])}`);
      events.push(event);
    },
  };
}

/** The bytes of a run that keeps a checkpoint after every step of training. */
export async function bytesOfRun({
  model,
  store,
  recipe,
  host: engines = host(),
  signal,
}: Pick<CompressionJob, 'model' | 'store'> &
  Partial<Pick<CompressionJob, 'host' | 'signal'>> & { readonly recipe: RecipeInput }): Promise<Uint8Array> {
  const { data, preprocess, seed } = job();
  const bytes = (c: Compression): Uint8Array => codeCompression(c, new Map()).bytes;
  const { state } = await runRecipe({
    start: { model, states: new Map(), statistics: new Map() },
    data,
    preprocess,
    planner: fixedPlan(parseRecipe(recipe).steps),
    seed,
    host: engines,
    store,
    bytesOf: (c) => bytes(c).length,
    measure: async (c) => ({ bytes: bytes(c).length, error: 0, loss: 0, density: 1 }),
    checkpointEvery: 0,
    signal,
  });
  return bytes(state);
}

export class Crash extends Error {}

/** Dies when its n-th change (from 0) is done. */
export function mortal(store: Store, n: number): Store {
  let count = 0;
  const change = async (call: Promise<void>): Promise<void> => {
    await call;
    if (count++ === n) throw new Crash();
  };
  return {
    load: store.load,
    save: (name, checkpoint) => change(store.save(name, checkpoint)),
    remove: (name) => change(store.remove(name)),
    event: (event) => change(store.event(event)),
  };
}
