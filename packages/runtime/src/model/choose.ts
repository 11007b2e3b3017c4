/** Of the ways to compute a product the one that the cost model finds cheapest. */
import { PithError } from '../errors.js';
import type { Choice } from '../kernels/choice.js';

export function cheapestFirst<Shape>(choices: readonly Choice<Shape>[]): Choice<Shape>[] {
  return [...choices].sort((a, b) => a.nanoseconds - b.nanoseconds);
}

export function cheapest<Shape>(choices: readonly Choice<Shape>[]): Choice<Shape> {
  const [first] = cheapestFirst(choices);
  if (!first) throw new PithError('bug.kernel', { expected: 'a kernel for every shape', got: 'none' });
  return first;
}
