/** The ways to compute a convolution with a constant weight. A new one is a file in conv/ and a line here. */
import type { StoredTensor } from '../format/stored.js';
import type { Choice, ConvShape, Epilogue, Given } from './choice.js';
import { binary } from './conv/binary.js';
import { dense } from './conv/dense.js';
import { integer } from './conv/integer.js';
import { sparseWays } from './conv/sparse.js';
import type { ConvWay } from './conv/way.js';
import { winograd } from './conv/winograd.js';
import { Layer } from './layer.js';

export const convWays: readonly ConvWay[] = [binary, dense, integer, ...sparseWays, winograd];

/** Those that fit. Throws `unsupported.dtype` for a weight that is not float32. */
export function convChoices(weight: StoredTensor, shape: ConvShape, epilogue: Epilogue, given: Given = {}): Choice<ConvShape>[] {
  const layer = new Layer(weight, shape, epilogue, given);
  return convWays.flatMap((way) => {
    const choice = way.exact || given.reducedPrecision ? way.choice(layer) : undefined;
    return choice ? [{ kernel: way.name, exact: way.exact, letGo: () => layer.letGo(), ...choice }] : [];
  });
}
