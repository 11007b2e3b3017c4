/**
 * What a layer gets once the layers before it are rounded differs from what it was trained on; part of the difference it can make good:
 * W + W·E[(x − x̂)·x̂ᵀ]·E[x̂·x̂ᵀ]⁻¹ brings the output back to where it was, in the mean square.
 */
import { damped, solve } from '../base/linalg.js';
import type { Drift } from '../calibrate/drift.js';
import type { WeightLayer } from '../calibrate/layer.js';

/** Share of the mean diagonal added to E[x̂·x̂ᵀ]: samples are few, and only what is sure is corrected. */
const damp = 0.5;

/** The corrected weights, row by row. A weight that is zero stays zero. */
export function corrected(weights: Float64Array, layer: WeightLayer, { cross, own }: Drift): Float64Array {
  const width = layer.columns * layer.positions;
  const perGroup = layer.rows / layer.groups;
  const out = weights.slice();
  for (let g = 0; g < layer.groups; g++) {
    const [was, is] = [cross[g]!, own[g]!];
    // right-hand sides W·(cross − own), transposed: width × rows of the group
    const sides = new Float64Array(width * perGroup);
    for (let o = 0; o < perGroup; o++)
      for (let i = 0; i < width; i++) {
        const w = weights[(g * perGroup + o) * width + i]!;
        if (w === 0) continue;
        for (let j = 0; j < width; j++) sides[j * perGroup + o]! += w * (was[i * width + j]! - is[i * width + j]!);
      }
    const moved = solve(damped(is, width, damp), sides, width);
    for (let o = 0; o < perGroup; o++)
      for (let j = 0, at = (g * perGroup + o) * width; j < width; j++, at++) if (out[at] !== 0) out[at]! += moved[j * perGroup + o]!;
  }
  return out;
}
