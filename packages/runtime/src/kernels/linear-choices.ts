/** The ways to compute y = x Wᵀ with a constant W [outputs][inputs]. A new one is a file in linear/ and a line here. */
import type { StoredTensor } from '../format/stored.js';
import type { Choice, Epilogue, Given, LinearShape } from './choice.js';
import { Layer } from './layer.js';
import { dense } from './linear/dense.js';
import { integer } from './linear/integer.js';
import { sparseWays } from './linear/sparse.js';
import { sparseVector } from './linear/sparse-vector.js';
import type { LinearWay } from './linear/way.js';

export const linearWays: readonly LinearWay[] = [dense, integer, ...sparseWays, sparseVector];

/** Those that fit. Throws `unsupported.dtype` for a weight that is not float32. */
export function linearChoices(weight: StoredTensor, shape: LinearShape, epilogue: Epilogue, given: Given = {}): Choice<LinearShape>[] {
  const layer = new Layer(weight, shape, epilogue, given);
  return linearWays.flatMap((way) => {
    const choice = way.exact || given.reducedPrecision ? way.choice(layer) : undefined;
    return choice ? [{ kernel: way.name, exact: way.exact, letGo: () => layer.letGo(), ...choice }] : [];
  });
}
