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
