/**
 * A .pith file from any source as ONNX, for ONNX Runtime and whatever else reads it: models with operators that this runtime does not run
 * are small downloads all the same. Inputs, outputs, opsets and metadata are those of the model; weights are bit for bit what the file keeps.
 */
import type { PithFile } from '../format/read.js';
import { densify, dimsOfStored, dtypeOfStored } from '../format/stored.js';
import { checkOptions, type OpenOptions, openOptionNames, openPith } from '../model/open.js';
import type { Source } from '../model/source.js';
import type { Model } from '../model.js';
import type { Tensor, TensorData } from '../tensor.js';
import { writeOnnx } from './write.js';

export interface ToOnnxOptions extends OpenOptions {}

/**
 * The bytes of an ONNX file. Beside them there are the stored forms of the weights and one weight in dense form. Throws what `openPith`
 * throws, and `limit.protobuf` where it would have 2 GiB or more.
 */
export async function toOnnx(source: Source, options: ToOnnxOptions = {}): Promise<Uint8Array> {
  checkOptions(options, openOptionNames);
  return writeOnnx(inTurn(await openPith(source, options)));
}

/** The model with weights that are brought into dense form when they are written, once, and then let go. */
function inTurn({ model, tensors }: PithFile): Model {
  const left = new Map(tensors);
  const initializers = [...tensors].map(([name, stored]): [string, Tensor] => {
    const [dtype, dims] = [dtypeOfStored(stored), dimsOfStored(stored)];
    return [name, { dtype, dims, get data(): TensorData { return taken(name); } }]; // biome-ignore format: one line
  });
  const taken = (name: string): TensorData => {
    const stored = left.get(name)!;
    left.delete(name);
    return densify(stored).data;
  };
  return { ...model, graph: { ...model.graph, initializers: new Map(initializers) } };
}
