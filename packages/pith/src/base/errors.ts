/** Errors of pith are those of its runtime; this file adds the exit code that each class of failure has on the command line. */
import { type ErrorKind, PithError } from 'pith-runtime';

export { type ErrorCode, type ErrorDetail, type ErrorKind, PithError, type Place } from 'pith-runtime';

export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  bug: 1,
  usage: 2,
  input: 3,
  unsupported: 3,
  limit: 3,
  target: 4,
  interrupted: 5,
  output: 6,
  numeric: 7,
};

/** Throws `interrupted.cancelled` where the caller's signal says so. Long loops call it between steps. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the signal to stop' }, { cause: signal.reason });
}
