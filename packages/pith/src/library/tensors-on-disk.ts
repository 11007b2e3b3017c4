/**
 * Tensors in a file of their own: of a large model there is only so much in memory as is looked at. Each look at a tensor's data reads
 * them, unless it was among the last that were looked at. Node only.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { densify, type StoredTensor } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { outputError } from '../base/files.js';
import { byteSize, bytesOf, type Model, type Tensor, type TensorData, viewAs } from '../base/tensor.js';
import { Garbage } from './garbage.js';

/** Smaller tensors stay in memory. */
const least = 1 << 16;
/** So many stay in memory after a look: who compares two of them element by element reads each once. */
const remembered = 2;

export class TensorsOnDisk {
  private readonly folder: string;
  private readonly handle: number;
  private readonly garbage = new Garbage();
  private length = 0;
  private recent: { readonly at: number; readonly data: TensorData }[] = [];

  /** Throws `output.*` where there is no room for the file. */
  constructor() {
    const root = tmpdir();
    try {
      this.folder = mkdtempSync(join(root, 'pith-tensors-'));
      this.handle = openSync(join(this.folder, 'tensors'), 'wx+');
    } catch (error) {
      throw outputError(root, error);
    }
  }

  /** The same tensor, its data in the file. Throws `output.*`. */
  keep(tensor: Tensor): Tensor {
    const bytes = bytesOf(tensor);
    if (bytes.length < least) return tensor;
    const at = this.length;
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.handle, bytes, done, bytes.length - done, at + done);
    } catch (error) {
      throw outputError(this.folder, error);
    }
    this.length += bytes.length;
    this.garbage.collect();
    return this.placed(at, tensor.dtype, tensor.dims);
  }

  /** What a reader of .pith files holds instead of a stored form. Throws `output.*`. */
  readonly hold = (stored: StoredTensor): StoredTensor => ({ kind: 'dense', tensor: this.keep(densify(stored)) });

  /** A model with its initializers here. Throws `output.*`. */
  model(given: Model): Model {
    const initializers = new Map([...given.graph.initializers].map(([name, tensor]) => [name, this.keep(tensor)]));
    return { ...given, graph: { ...given.graph, initializers } };
  }

  /** Removes the file; its tensors cannot be looked at any more. */
  drop(): void {
    closeSync(this.handle);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Apart from the tensor that came, which it must not hold. */
  private placed(at: number, dtype: Tensor['dtype'], dims: Tensor['dims']): Tensor {
    const read = (): TensorData => this.read(at, dtype, dims);
    return {
      dtype,
      dims,
      get data() {
        return read();
      },
    };
  }

  private read(at: number, dtype: Tensor['dtype'], dims: Tensor['dims']): TensorData {
    const known = this.recent.find((one) => one.at === at);
    if (known) return known.data;
    this.garbage.collect();
    const bytes = new Uint8Array(byteSize(dtype, dims));
    for (let done = 0, n = 1; done < bytes.length; done += n) {
      n = readSync(this.handle, bytes, done, bytes.length - done, at + done);
      if (n === 0) throw new PithError('bug.decode', { expected: `${bytes.length} bytes of a tensor`, got: `the end after ${done}` });
    }
    const data = viewAs(dtype, bytes);
    this.recent = [{ at, data }, ...this.recent].slice(0, remembered);
    return data;
  }
}
