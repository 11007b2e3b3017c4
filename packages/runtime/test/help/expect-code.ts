/** Tests match on what an error is, not on its text. */
import { PithError } from '../../src/errors.js';

/** The error that `body` throws; fails where it throws none or one that is not a PithError. */
export function errorOf(body: () => unknown): PithError {
  try {
    body();
  } catch (error) {
    if (error instanceof PithError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** The same for a promise. */
export async function rejection(body: () => Promise<unknown>): Promise<PithError> {
  const outcome = await body().then(
    () => new Error('it was accepted'),
    (error: unknown) => error,
  );
  if (outcome instanceof PithError) return outcome;
  throw outcome;
}
