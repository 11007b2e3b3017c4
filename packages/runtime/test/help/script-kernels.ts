/** The models of mix as they are written, without WebAssembly. */
import { type Kernels, scripted } from '../../src/codec/mix/kernel.js';
import { Models } from '../../src/codec/mix/models.js';
import { RangeDecoder, RangeEncoder } from '../../src/codec/range.js';

const kernel = (coder: RangeEncoder | RangeDecoder) => scripted(coder, new Models(coder));

export const scriptKernels: Kernels = {
  encode: () => kernel(new RangeEncoder()),
  decode: (bytes) => kernel(new RangeDecoder(bytes)),
};
