import type { Case, CaseInput } from '../case.js';
import { ints } from '../ints.js';

const scales = (...values: readonly number[]): CaseInput => ({ dims: [values.length], values, constant: true });
const nearest = { mode: 'nearest' };

export const cases: readonly Case[] = [
  {
    title: 'twice as large',
    inputs: [{ dims: [1, 2, 2, 3] }, null, scales(1, 1, 2, 2)],
    attributes: { ...nearest, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  },
  {
    title: 'twice as large by half pixels, opset 13',
    opset: 13,
    inputs: [{ dims: [1, 1, 2, 3] }, null, scales(1, 1, 2, 2)],
    attributes: nearest,
  },
  { title: 'to a size', inputs: [{ dims: [1, 1, 3, 4] }, null, null, ints(1, 1, 5, 7)], attributes: nearest },
  {
    title: 'named axes, opset 18',
    inputs: [{ dims: [1, 1, 3, 4] }, null, scales(2, 3)],
    attributes: { ...nearest, axes: [2, 3] },
  },
  { title: 'half as large', inputs: [{ dims: [1, 1, 4, 6] }, null, scales(1, 1, 0.5, 0.5)], attributes: nearest },
  ...(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const).map(
    (mode): Case => ({
      title: `rounding mode ${mode}`,
      inputs: [{ dims: [1, 1, 2, 4] }, null, scales(1, 1, 1.5, 0.75)],
      attributes: { ...nearest, nearest_mode: mode },
    }),
  ),
  ...(['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'] as const).map(
    (mode): Case => ({
      title: `coordinate mode ${mode}`,
      inputs: [{ dims: [1, 1, 3, 5] }, null, null, ints(1, 1, 1, 8)],
      attributes: { ...nearest, coordinate_transformation_mode: mode },
    }),
  ),
  {
    title: 'coordinate mode half_pixel_symmetric, opset 19',
    opset: 19,
    inputs: [{ dims: [1, 1, 3, 5] }, null, scales(1, 1, 1.7, 0.7)],
    attributes: { ...nearest, coordinate_transformation_mode: 'half_pixel_symmetric' },
  },
];
