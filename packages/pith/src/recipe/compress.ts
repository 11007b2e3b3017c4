/**
 * Compression from end to end: a trained model, data and a recipe go in; a coded file, its decoded model and all measurements come out.
 * Host, data and store are arguments; the library's front (library.ts) fills them in for Node.
 */

import type { WrittenPith } from 'pith-runtime';
import type { z } from 'zod';
import { didYouMean } from '../base/closest.js';
import { PithError } from '../base/errors.js';
import { asWritten, checkOption, isBetween, isWhole } from '../base/options.js';
import { type Model, sizeOf } from '../base/tensor.js';
import { checkAugment } from '../data/augment/named.js';
import type { Dataset } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { parametrizationOf } from '../parametrization/list.js';
import { type Evaluation, evaluate } from '../train/evaluate.js';
import { withWeights } from '../train/fit.js';
import { isWeight, parametersOf } from '../train/parameters.js';
import { codeCompression, decodeAndCompare } from './code.js';
import { parseRecipe, type RecipeInput } from './recipe.js';
import { recipes } from './recipes/list.js';
import type { Knobs, NamedRecipe } from './recipes/named.js';
import { type Measurement, type RunProgress, type RunResult, runRecipe } from './runner.js';
import { type Ladder, lambdasOf, mostPoints } from './search/frontier.js';
import type { Compression, Host, StepKind } from './step.js';
import { steps } from './steps/list.js';
import type { Store } from './store.js';
import { fixedPlan, type Planner, type Targets } from './targets.js';

export interface CompressionJob {
  readonly model: Model;
  readonly data: Dataset;
  readonly preprocess: Preprocess;
  /** A name, or a recipe as data. */
  readonly recipe: string | RecipeInput;
  /** For a named recipe. */
  readonly knobs: Knobs;
  /** Models that teach, those of the hashes in `knobs.teacher`; absent: the model itself. */
  readonly teachers?: readonly Model[] | undefined;
  readonly targets: Targets;
  readonly seed: number;
  readonly host: Host;
  readonly store: Store;
  /** Written into the file. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((p: RunProgress) => void) | undefined;
}

export interface Compressed {
  readonly run: RunResult;
  readonly file: WrittenPith;
  /** The file decoded again. */
  readonly decoded: Model;
  /** Of the decoded model on the test part. */
  readonly decodedError: number;
  /** [label][predicted] counts of the same. */
  readonly confusion: Evaluation['confusion'];
}

/** A recipe by name. Throws `usage.recipe`. */
export function recipeOf(name: string): NamedRecipe {
  const found = recipes.find((r) => r.name === name);
  if (found) return found;
  const names = recipes.map((r) => r.name);
  throw new PithError('usage.recipe', { expected: `one of the recipes ${names.join(', ')}`, got: `"${name}"`, ...didYouMean(name, names) });
}

/** Throws `usage.target`. */
export function checkTarget(option: keyof Targets, value: number | undefined, least: number): void {
  if (value !== undefined && !isBetween(value, least, Number.MAX_VALUE))
    throw new PithError('usage.target', { at: { option }, expected: `a number of at least ${least}`, got: asWritten(value) });
}

function checkLadder(frontier: Ladder, lambda: number | undefined): void {
  const refuse = (expected: string, got: string): never => {
    throw new PithError('usage.frontier', { at: { option: 'frontier' }, expected, got });
  };
  if (lambda !== undefined) refuse('a frontier, or one λ', 'both');
  const list = lambdasOf(frontier);
  if (list.length === 0 || list.length > mostPoints) refuse(`1 to ${mostPoints} numbers of λ`, String(list.length));
  const wrong = list.some((x, i) => !(isBetween(x, 0, Number.MAX_VALUE) && x > (list[i - 1] ?? 0)));
  if (wrong) refuse('λ above 0, finite, each larger than the one before', list.map(asWritten).join(','));
}

/**
 * Throws `usage.recipe`, `usage.density`, `usage.rate`, `usage.slim`, `usage.augment`, `usage.frontier`, `usage.teacher`, `usage.target`: all that can be wrong with what was asked, before
 * anything is run.
 */
export function plannerOf({ model, recipe, knobs, targets }: Pick<CompressionJob, 'model' | 'recipe' | 'knobs' | 'targets'>): Planner {
  const { density, epochs, lambda, slim, augment, frontier, teacher } = knobs;
  if (density !== undefined && !isBetween(density, Number.MIN_VALUE, 1))
    throw new PithError('usage.density', { at: { option: 'density' }, expected: 'a share above 0, at most 1', got: asWritten(density) });
  if (lambda !== undefined && !isBetween(lambda, 0, Number.MAX_VALUE))
    throw new PithError('usage.rate', {
      at: { option: 'lambda' },
      expected: 'a number from 0 on, the loss of a bit',
      got: asWritten(lambda),
    });
  if (epochs !== undefined) checkOption('epochs', 'a whole number from 1 on', epochs, isWhole(epochs, 1, Number.MAX_SAFE_INTEGER));
  if (slim?.some((units) => !Number.isInteger(units) || units < 1))
    throw new PithError('usage.slim', {
      at: { option: 'slim' },
      expected: 'whole numbers of units from 1 on',
      got: slim.map(asWritten).join(','),
    });
  if (augment !== undefined) checkAugment(augment);
  if (frontier !== undefined) checkLadder(frontier, lambda);
  if (teacher?.length === 0)
    throw new PithError('usage.teacher', { at: { option: 'teacher' }, expected: 'at least one model that teaches', got: 'none' });
  checkTarget('maxSize', targets.maxSize, 1);
  checkTarget('maxDrop', targets.maxDrop, 0);
  const given = Object.entries(knobs).flatMap(([name, value]) => (value === undefined ? [] : [name as keyof Knobs]));
  if (typeof recipe === 'string') {
    const named = recipeOf(recipe);
    const wrong = given.find((name) => !named.takes.includes(name));
    if (wrong)
      throw new PithError('usage.recipe', {
        at: { option: wrong },
        expected: `what ${named.name} takes: ${named.takes.join(', ')}`,
        got: wrong,
      });
    return named.planner({ model, targets, knobs });
  }
  const { name, steps: planned } = parseRecipe(recipe);
  const taught = planned.some(({ use }) => (steps[use] as StepKind<z.ZodObject>).taught);
  const wrong = given.find((knob) => !(taught && knob === 'teacher'));
  if (targets.maxDrop !== undefined || targets.maxSize !== undefined || wrong)
    throw new PithError('usage.recipe', {
      expected: `a named recipe where ${wrong ?? 'a target'} is given`,
      got: `the steps of "${name}"`,
    });
  return fixedPlan(planned);
}

/** Throws what the steps and `plannerOf` throw. A target that was not met is no error here: see `run.met`. */
export async function compressModel(job: CompressionJob): Promise<Compressed> {
  const { model, data, preprocess, teachers, seed, host, store, metadata, signal, onProgress } = job;
  const start: Compression = { model, states: new Map(), statistics: new Map() };
  const error = (m: Model): Promise<Evaluation> =>
    evaluate({ engine: host.engine, threads: host.threads, model: m, split: data.test, preprocess, signal });
  const bytesOf = (c: Compression): number => codeCompression(c, metadata).bytes.length;
  const measure = async (c: Compression): Promise<Measurement> => {
    const found = await error(withWeights(c.model, c.states, c.statistics));
    return { bytes: bytesOf(c), error: found.error, loss: found.loss, density: densityOf(c) };
  };
  const run = await runRecipe({
    start,
    data,
    preprocess,
    planner: plannerOf(job),
    teachers,
    seed,
    host,
    store,
    measure,
    bytesOf,
    signal,
    onProgress,
  });
  const file = codeCompression(run.state, metadata);
  const decoded = decodeAndCompare(file.bytes, run.state);
  const judged = await error(decoded);
  return { run, file, decoded, decodedError: judged.error, confusion: judged.confusion };
}

/** Share of the weights that are not zero. */
export function densityOf({ model, states }: Compression): number {
  let kept = 0;
  let all = 0;
  for (const p of parametersOf(model).filter(isWeight)) {
    const state = states.get(p.name);
    const size = sizeOf(p.dims);
    all += size;
    kept += state
      ? parametrizationOf(state)
          .dense(state)
          .reduce((n, w) => n + Number(w !== 0), 0)
      : size;
  }
  return all === 0 ? 1 : kept / all;
}
