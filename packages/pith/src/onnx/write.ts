/** Models too large for one ONNX file: the data of their initializers go into a file beside it. All else is written by pith-runtime. */
import { type DataFile, onnxChunks } from 'pith-runtime/onnx';
import { byteSize, type Model } from '../base/tensor.js';

export { onnxChunks, writeOnnx } from 'pith-runtime/onnx';

/** Of all initializers of the main graph. */
export function weightBytes({ graph }: Model): number {
  let bytes = 0;
  for (const { dtype, dims } of graph.initializers.values()) bytes += byteSize(dtype, dims);
  return bytes;
}

export interface SplitModel {
  readonly model: readonly Uint8Array[];
  /** The file that the model calls `location`; the data of a tensor are asked for when their turn comes. */
  readonly data: Iterable<Uint8Array>;
}

/** The file, and beside it one with the data of its initializers, each where a page of memory begins. Throws as `onnxChunks`. */
export function splitOnnx(model: Model, location: string): SplitModel {
  const data = new PagedFile(location);
  return { model: onnxChunks(model, data), data };
}

const page = 4096;

class PagedFile implements DataFile, Iterable<Uint8Array> {
  readonly location: string;
  readonly least = 1024;
  private readonly parts: { readonly gap: number; readonly read: () => Uint8Array }[] = [];
  private length = 0;

  constructor(location: string) {
    this.location = location;
  }

  add(length: number, read: () => Uint8Array): number {
    const gap = (page - (this.length % page)) % page;
    const offset = this.length + gap;
    this.parts.push({ gap, read });
    this.length = offset + length;
    return offset;
  }

  *[Symbol.iterator](): Iterator<Uint8Array> {
    for (const { gap, read } of this.parts) {
      if (gap > 0) yield new Uint8Array(gap);
      yield read();
    }
  }
}
