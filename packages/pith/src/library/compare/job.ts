/** A comparison as data: what its folder holds of what was asked, so that the same words, or `resume`, go on with it. */
import { z } from 'zod';
import { didYouMean } from '../../base/closest.js';
import { PithError } from '../../base/errors.js';
import { checkOption, isWhole } from '../../base/options.js';
import { methods } from './list.js';

const schema = z.strictObject({
  pithRun: z.literal(1),
  kind: z.literal('compare'),
  network: z.string(),
  sourceHash: z.string(),
  data: z.strictObject({ path: z.string().optional(), options: z.record(z.string(), z.unknown()), fingerprint: z.string() }),
  preprocess: z.record(z.string(), z.string()),
  methods: z.array(z.string()),
  points: z.number(),
  epochs: z.number().optional(),
  effort: z.number(),
  seed: z.number(),
  threads: z.number(),
  workers: z.number(),
  command: z.string(),
  versions: z.record(z.string(), z.string()),
});

export type CompareJob = z.output<typeof schema>;

/** undefined for what is no comparison. */
export const parseCompareJob = (given: unknown): CompareJob | undefined => schema.safeParse(given).data;

/** Whether two ask for the same. The words of the command and the versions may differ. */
export function sameCompareJob(a: CompareJob, b: CompareJob): boolean {
  const key = (job: CompareJob): string => JSON.stringify(schema.omit({ command: true, versions: true }).strip().parse(job));
  return key(a) === key(b);
}

/** At least so many make a curve, and more than so many none that anybody waits for. */
const fewestPoints = 2;
const mostPoints = 32;

/** Throws `usage.method` for a name that no method has, or a list without any, and `usage.option` for numbers that cannot be. */
export function checkCompareJob({ methods: names, points, epochs, effort, seed, threads, workers }: CompareJob): void {
  const known = methods.map(({ name }) => name);
  if (names.length === 0)
    throw new PithError('usage.method', { at: { option: 'methods' }, expected: `some of ${known.join(', ')}`, got: 'none' });
  for (const name of names)
    if (!known.includes(name))
      throw new PithError('usage.method', {
        at: { option: 'methods' },
        expected: `some of ${known.join(', ')}`,
        got: `"${name}"`,
        ...didYouMean(name, known),
      });
  const whole = (option: string, value: number, least: number, most: number): void =>
    checkOption(option, `a whole number from ${least} to ${most}`, value, isWhole(value, least, most));
  whole('points', points, fewestPoints, mostPoints);
  if (epochs !== undefined) whole('epochs', epochs, 1, 100_000);
  whole('effort', effort, 0, 9);
  for (const [option, value] of Object.entries({ seed, threads, workers })) whole(option, value, 0, 2 ** 32 - 1);
}
