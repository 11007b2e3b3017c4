/** Options of public functions are one object. A key that nobody knows is a mistake of the caller: it is refused, never ignored. */
import { didYouMean } from './closest.js';
import { PithError } from './errors.js';

/** The compiler holds the list of keys complete: `{ seed: 1, … } satisfies Record<keyof Options, 1>`. */
export type Keys<O> = Readonly<Record<keyof O, 1>>;

/** Throws `usage.option` where `given` has a key that is not in `keys`. */
export function checkKeys<O extends object>(what: string, given: O, keys: Keys<Required<O>>): void {
  for (const key of Object.keys(given))
    if (!Object.hasOwn(keys, key))
      throw new PithError('usage.option', {
        at: { option: key },
        expected: `one of the options of ${what}: ${Object.keys(keys).join(', ')}`,
        got: key,
        ...didYouMean(key, Object.keys(keys), 'correct the name or leave it out'),
      });
}
