/** Model files in and out: ONNX or .pith in, ONNX out. Node only. */
import type { Model } from '../base/tensor.js';
import { writeOnnx } from '../onnx/write.js';
import { type ModelSource, openModel } from './model-source.js';

export { saveModel } from '../onnx/file.js';

/** The model in an ONNX or .pith file, given by path or bytes. Throws `input.*` and `unsupported.*` errors that name place and reason. */
export const loadModel = async (source: ModelSource): Promise<Model> => (await openModel(source)).model;

/** A .pith (or ONNX) file as the bytes of a plain ONNX file. Throws what `loadModel` throws. */
export const decode = async (source: ModelSource): Promise<Uint8Array> => writeOnnx(await loadModel(source));
