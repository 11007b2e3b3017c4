/**
 * A .pith file from any source as ONNX, for ONNX Runtime and whatever else reads it: models with operators that this runtime does not run
 * are small downloads all the same. Inputs, outputs, opsets and metadata are those of the model; weights are bit for bit what the file keeps.
 */
import { toModel } from '../format/read.js';
import { checkOptions, type OpenOptions, openOptionNames, openPith } from '../model/open.js';
import type { Source } from '../model/source.js';
import { writeOnnx } from './write.js';

export interface ToOnnxOptions extends OpenOptions {}

/** The bytes of an ONNX file. Throws what `openPith` throws, and `limit.protobuf` where it would have 2 GiB or more. */
export async function toOnnx(source: Source, options: ToOnnxOptions = {}): Promise<Uint8Array> {
  checkOptions(options, openOptionNames);
  return writeOnnx(toModel(await openPith(source, options, true)));
}
