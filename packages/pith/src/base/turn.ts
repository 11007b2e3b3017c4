/** A turn of the event loop in the middle of a long computation, so that signals, timers and progress get theirs. */
import { checkSignal } from './errors.js';

/** Throws `interrupted.cancelled` where the signal says so, which a computation that never waits would not notice. */
export async function turn(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  checkSignal(signal);
}
