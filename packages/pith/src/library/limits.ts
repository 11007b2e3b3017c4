/** What files may ask for where they are read on a computer of one's own. */
import type { Limits } from 'pith-runtime';

/** More than a page allows: there is room for the largest models that ONNX Runtime loads. */
export const generous: Partial<Limits> = { maxDecodedBytes: 2 ** 33 };
