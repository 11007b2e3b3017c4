/**
 * A job: training or compression as data, so that it can be kept in a run folder and taken up again. `performJob` does it, from whatever
 * the store already holds.
 */
import { z } from 'zod';
import { PithError } from '../base/errors.js';
import { checkOption, isWhole } from '../base/options.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import { parsePreprocess } from '../data/preprocess.js';
import { type Compressed, compressModel, densityOf, plannerOf } from '../recipe/compress.js';
import { parseRecipe } from '../recipe/recipe.js';
import { type RunProgress, type RunResult, runRecipe } from '../recipe/runner.js';
import type { Compression, Host } from '../recipe/step.js';
import type { Store } from '../recipe/store.js';
import { fixedPlan } from '../recipe/targets.js';
import { evaluate } from '../train/evaluate.js';
import { withWeights } from '../train/fit.js';

const steps = z.strictObject({ version: z.literal(1), name: z.string(), steps: z.array(z.looseObject({ use: z.string() })) });

const schema = z.strictObject({
  pithRun: z.literal(1),
  kind: z.enum(['compress', 'train']),
  network: z.string(),
  sourceHash: z.string(),
  data: z.strictObject({
    path: z.string().optional(),
    options: z.record(z.string(), z.unknown()),
    fingerprint: z.string(),
  }),
  preprocess: z.record(z.string(), z.string()),
  recipe: z.union([z.string(), steps]),
  knobs: z.strictObject({
    density: z.number().optional(),
    epochs: z.number().optional(),
    lambda: z.number().optional(),
    slim: z.array(z.number()).optional(),
    augment: z.string().optional(),
    frontier: z.union([z.literal(true), z.array(z.number())]).optional(),
    teacher: z.array(z.string()).optional(),
  }),
  targets: z.strictObject({ maxSize: z.number().optional(), maxDrop: z.number().optional() }),
  seed: z.number(),
  threads: z.number(),
  workers: z.number(),
  /** Absolute path of the file to write. */
  output: z.string().optional(),
  command: z.string(),
  versions: z.record(z.string(), z.string()),
});

/** What `run.json` says. */
export type Job = z.output<typeof schema>;

/** Throws `input.run` for anything that pith did not write. */
export function parseJob(given: unknown, file: string): Job {
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  const issue = found.error.issues[0]!;
  throw new PithError('input.run', {
    at: { file },
    expected: 'a run.json of this version of pith',
    got: `${issue.path.join('.')}: ${issue.message}`,
  });
}

/** Whether two jobs ask for the same result. The words of the command and the versions may differ. */
export function sameJob(a: Job, b: Job): boolean {
  const key = ({ command: _, versions: __, ...rest }: Job): string =>
    JSON.stringify(schema.omit({ command: true, versions: true }).parse(rest));
  return key(a) === key(b);
}

/** Throws what `plannerOf` throws, and `usage.option` for numbers that cannot be. */
export function checkJob({ kind, recipe, knobs, targets, seed, threads, workers }: Job, model: Model): void {
  for (const [option, value] of Object.entries({ seed, threads, workers }))
    checkOption(option, 'a whole number from 0 to 2^32 − 1', value, isWhole(value, 0, 2 ** 32 - 1));
  if (kind === 'compress') plannerOf({ model, recipe: typeof recipe === 'string' ? recipe : parseRecipe(recipe), knobs, targets });
  else parseRecipe(recipe);
}

/** The names that the first training of a job leaves as they are; undefined where nothing is trained. */
export function trainingOf({ recipe }: Job): { readonly frozen: readonly string[] } | undefined {
  if (typeof recipe === 'string') return { frozen: [] };
  return parseRecipe(recipe).steps.find((s) => s.use === 'train');
}

export interface JobParts {
  readonly job: Job;
  readonly model: Model;
  /** Those of the hashes in `job.knobs.teacher`. */
  readonly teachers?: readonly Model[] | undefined;
  readonly data: Dataset;
  readonly host: Host;
  readonly store: Store;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((p: RunProgress) => void) | undefined;
}

/** Compresses as the job says. */
export function performCompression({ job, ...parts }: JobParts): Promise<Compressed> {
  const { recipe, knobs, targets, seed } = job;
  return compressModel({
    ...parts,
    preprocess: preprocess(job),
    recipe: typeof recipe === 'string' ? recipe : parseRecipe(recipe),
    knobs,
    targets,
    seed,
    metadata: metadataOf(job),
  });
}

/** What travels with the file: enough to know what it was made from, and how. Of a teacher eight digits are enough to know it again. */
export function metadataOf({ recipe, knobs, targets, seed, sourceHash, versions }: Job): Map<string, string> {
  const { density, lambda, slim, augment, epochs, frontier, teacher } = knobs;
  const { maxSize, maxDrop } = targets;
  // one order of the words, wherever the job comes from
  const words = { density, lambda, slim, augment, epochs, frontier, teacher: teacher?.map((hash) => hash.slice(0, 8)), maxSize, maxDrop };
  return new Map([
    ['recipe', JSON.stringify(typeof recipe === 'string' ? { name: recipe, ...words } : recipe)],
    ['seed', String(seed)],
    ['source', sourceHash.slice(0, 32)],
    ['pith', versions['pith'] ?? ''],
  ]);
}

/** Trains as the job says: the run, and the trained model with the job's preprocessing and network name in its metadata. */
export async function performTraining({
  job,
  model,
  data,
  host,
  store,
  signal,
  onProgress,
}: JobParts): Promise<{ run: RunResult; model: Model }> {
  const { steps: list } = parseRecipe(job.recipe);
  const pixels = preprocess(job);
  const start: Compression = { model, states: new Map(), statistics: new Map() };
  const bytes = [...model.graph.initializers.values()].reduce((sum, t) => sum + t.data.byteLength, 0);
  const measure = async (c: Compression) => {
    const m = withWeights(c.model, c.states, c.statistics);
    const { error, loss } = await evaluate({
      engine: host.engine,
      threads: host.threads,
      model: m,
      split: data.test,
      preprocess: pixels,
      signal,
    });
    return { bytes, error, loss, density: densityOf(c) };
  };
  const options = {
    start,
    data,
    preprocess: pixels,
    planner: fixedPlan(list),
    seed: job.seed,
    host,
    store,
    measure,
    bytesOf: () => bytes,
    signal,
    onProgress,
  };
  const run = await runRecipe(options);
  const trained = withWeights(model, run.state.states, run.state.statistics);
  const metadata = new Map([...model.metadata, ...Object.entries(job.preprocess), ['pith.network', job.network]]);
  return { run, model: { ...trained, metadata } };
}

/** How pixels become numbers. */
export const preprocess = (job: Job) => parsePreprocess(new Map(Object.entries(job.preprocess)));
