/** Of the ways to compute a product the one that the cost model finds cheapest; those that round beyond float32 are left out. */
import { PithError } from '../errors.js';
import type { Choice } from '../kernels/choice.js';

export function exactOnes<Shape>(choices: readonly Choice<Shape>[]): Choice<Shape>[] {
  return choices.filter(({ exact }) => exact).sort((a, b) => a.nanoseconds - b.nanoseconds);
}

export function cheapest<Shape>(choices: readonly Choice<Shape>[]): Choice<Shape> {
  const [first] = exactOnes(choices);
  if (!first) throw new PithError('bug.kernel', { expected: 'a kernel for every shape', got: 'none' });
  return first;
}
