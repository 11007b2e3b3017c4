/** Options of public functions are one object. A key that nobody knows is a mistake of the caller: it is refused, never ignored. */
import { didYouMean } from './closest.js';
import { PithError } from './errors.js';

/** The compiler holds the list of keys complete: `{ seed: 1, … } satisfies Record<keyof Options, 1>`. */
export type Keys<O> = Readonly<Record<keyof O, 1>>;

const isFunction = (value: unknown): boolean => typeof value === 'function';
/** What options of these names are, whoever takes them. */
const kinds: Readonly<Record<string, readonly [expected: string, holds: (value: unknown) => boolean]>> = {
  signal: ['an AbortSignal', (value) => typeof (value as AbortSignal | null)?.aborted === 'boolean'],
  onProgress: ['a function', isFunction],
  onRun: ['a function', isFunction],
  output: ['a path', (value) => typeof value === 'string'],
};

/** Throws `usage.option` where `given` is no object or has a key that is not in `keys`, or a signal, callback or path that is none. */
export function checkKeys<O extends object>(what: string, given: O, keys: Keys<Required<O>>): void {
  if (typeof given !== 'object' || given === null)
    throw new PithError('usage.option', { expected: `an object with the options of ${what}`, got: asWritten(given) });
  for (const [name, [expected, holds]] of Object.entries(kinds)) {
    const value: unknown = Reflect.get(given, name);
    if (value !== undefined) checkOption(name, expected, value, holds(value));
  }
  for (const key of Object.keys(given))
    if (!Object.hasOwn(keys, key))
      throw new PithError('usage.option', {
        at: { option: key },
        expected: `one of the options of ${what}: ${Object.keys(keys).join(', ')}`,
        got: key,
        ...didYouMean(key, Object.keys(keys), 'correct the name or leave it out'),
      });
}

/** As a caller wrote it: words in quotation marks, so that "2" is not taken for 2. */
export function asWritten(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'an object' : String(value);
}

/** Whether it is a number, no text that looks like one, and within bounds. */
export const isBetween = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

export const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && isBetween(value, least, most);

/** Throws `usage.option` where it does not hold. */
export function checkOption(option: string, expected: string, got: unknown, holds: boolean): void {
  if (!holds) throw new PithError('usage.option', { at: { option }, expected, got: asWritten(got) });
}
