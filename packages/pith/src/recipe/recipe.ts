/**
 * A recipe is data: a list of steps, each by name with its settings. The same object stands in TypeScript, in JSON, in the run folder and in
 * the produced file, so that each result can be made again.
 */
import { z } from 'zod';
import { PithError } from '../base/errors.js';
import { type StepName, steps } from './steps/list.js';

type Settings<N extends StepName> = z.output<(typeof steps)[N]['settings']>;

/** One step with all its settings. */
export type Step = { readonly [N in StepName]: { readonly use: N } & Settings<N> }[StepName];
/** One step as it is written: settings left out take their defaults. */
export type StepInput = { readonly [N in StepName]: { readonly use: N } & z.input<(typeof steps)[N]['settings']> }[StepName];

export interface Recipe {
  readonly version: 1;
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface RecipeInput {
  readonly version: 1;
  readonly name: string;
  readonly steps: readonly StepInput[];
}

const head = z.strictObject({ version: z.literal(1), name: z.string().min(1), steps: z.array(z.looseObject({ use: z.string() })).min(1) });

/** Checks a recipe and fills in the defaults. Throws `usage.recipe`, naming the step and the setting. */
export function parseRecipe(given: unknown): Recipe {
  const { version, name, steps: list } = check(head, given, 'recipe');
  return { version, name, steps: list.map((step, i) => parseStep(step, `step ${i + 1}`)) };
}

export function parseStep(given: { readonly use: string }, where: string): Step {
  const { use, ...settings } = given;
  if (!Object.hasOwn(steps, use))
    throw new PithError('usage.recipe', { at: { option: where }, expected: `one of the steps ${Object.keys(steps).join(', ')}`, got: use });
  return { use, ...(check(steps[use as StepName].settings as z.ZodType<object>, settings, `${where} (${use})`) as object) } as Step;
}

function check<T>(schema: z.ZodType<T>, given: unknown, where: string): T {
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  const issue = found.error.issues[0]!;
  const path = issue.path.join('.');
  throw new PithError('usage.recipe', {
    at: { option: path ? `${where}: ${path}` : where },
    expected: 'settings as the step has them',
    got: issue.message,
  });
}
