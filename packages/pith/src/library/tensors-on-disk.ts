/**
 * Decoded tensors in a file of their own: a large model that is only there to be compared is not held in memory beside the original. Each
 * look at a tensor's data reads them anew. Node only.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { densify, type StoredTensor } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import { outputError } from '../base/files.js';
import { byteSize, bytesOf, type DType, type Tensor, type TensorData, viewAs } from '../base/tensor.js';

/** Smaller tensors stay in memory. */
const least = 1 << 16;

export class TensorsOnDisk {
  private readonly folder: string;
  private readonly handle: number;
  private length = 0;

  /** Throws `output.*` where there is no room for the file. */
  constructor() {
    const root = tmpdir();
    try {
      this.folder = mkdtempSync(join(root, 'pith-decoded-'));
      this.handle = openSync(join(this.folder, 'tensors'), 'wx+');
    } catch (error) {
      throw outputError(root, error);
    }
  }

  /** A tensor in dense form, its data in the file. Throws `output.*`. */
  readonly hold = (stored: StoredTensor): StoredTensor => {
    const tensor = densify(stored);
    const bytes = bytesOf(tensor);
    if (bytes.length < least) return { kind: 'dense', tensor };
    const at = this.length;
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.handle, bytes, done, bytes.length - done, at + done);
    } catch (error) {
      throw outputError(this.folder, error);
    }
    this.length += bytes.length;
    return { kind: 'dense', tensor: new TensorOnDisk(this.handle, at, tensor) };
  };

  /** Removes the file; its tensors cannot be looked at any more. */
  drop(): void {
    closeSync(this.handle);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

class TensorOnDisk implements Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  private readonly handle: number;
  private readonly at: number;

  constructor(handle: number, at: number, { dtype, dims }: Tensor) {
    this.dtype = dtype;
    this.dims = dims;
    this.handle = handle;
    this.at = at;
  }

  get data(): TensorData {
    const bytes = new Uint8Array(byteSize(this.dtype, this.dims));
    for (let done = 0, n = 1; done < bytes.length; done += n) {
      n = readSync(this.handle, bytes, done, bytes.length - done, this.at + done);
      if (n === 0)
        throw new PithError('bug.decode', { expected: `${bytes.length} bytes of a decoded tensor`, got: `the end after ${done}` });
    }
    return viewAs(this.dtype, bytes);
  }
}
