/** Which weights of a tensor are kept, in a mix stream: all, none, or a mask over the tensor as a matrix. */
import type { MatrixShape, MixDecoder, MixEncoder } from '../../codec/mix.js';
import { sizeOf } from '../../tensor.js';
import type { Declaration } from '../fields.js';
import { naturalView } from '../uniform.js';
import { refuse, slots } from './record.js';

const masked = 0;
const all = 1;
const none = 2;

/** What the models see of a tensor that has no view of its own. */
export const shapeOf = ({ dims }: Declaration): MatrixShape => naturalView(dims, false);

/** `positions`: null where all are kept. Gives the mask, null where there is none. */
export function mixKept(to: MixEncoder, declared: Declaration, positions: Uint32Array | null): Uint8Array | null {
  const size = sizeOf(declared.dims);
  const form = positions === null || positions.length === size ? all : positions.length === 0 ? none : masked;
  to.number(form, slots.kept);
  if (form !== masked) return null;
  const mask = new Uint8Array(size);
  for (const position of positions!) mask[position] = 1;
  to.mask(mask, shapeOf(declared));
  return mask;
}

export interface Kept {
  readonly count: number;
  readonly mask: Uint8Array | null;
}

export function unmixKept(from: MixDecoder, declared: Declaration, size: number): Kept {
  const form = from.number(slots.kept);
  if (form > none) refuse(`a way to say what is kept, below ${none + 1}`, String(form));
  if (form !== masked) return { count: form === all ? size : 0, mask: null };
  const mask = new Uint8Array(size);
  from.mask(mask, shapeOf(declared));
  return { count: mask.reduce((count, kept) => count + kept, 0), mask };
}

/** Where the kept ones are. */
export function positionsOf({ count, mask }: Kept): Uint32Array {
  const positions = new Uint32Array(count);
  if (!mask) for (let i = 0; i < count; i++) positions[i] = i;
  else for (let i = 0, to = 0; i < mask.length; i++) if (mask[i] === 1) positions[to++] = i;
  return positions;
}
