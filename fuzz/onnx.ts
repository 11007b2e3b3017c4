/** The ONNX reader, its checks, and the writer on whatever was read. */
import { readdirSync, readFileSync } from 'node:fs';
import { checkFinite, checkModel } from '../packages/pith/src/onnx/check.js';
import { readOnnx } from '../packages/pith/src/onnx/read.js';
import { writeOnnx } from '../packages/pith/src/onnx/write.js';
import { mutateMessage } from './protobuf.js';
import type { Target } from './target.js';

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The corpus: valid models and inputs that once failed. */
const folder = new URL('./seeds/onnx/', import.meta.url);

export const target: Target = {
  name: 'onnx',
  seeds: () =>
    readdirSync(folder)
      .sort()
      .map((name) => new Uint8Array(readFileSync(new URL(name, folder)))),
  mutate: mutateMessage,
  run(bytes) {
    const external = ({ length }: { readonly length: number }): Uint8Array => new Uint8Array(Math.min(length, bytes.length));
    const model = readOnnx(bytes, { external });
    const written = writeOnnx(model);
    if (!same(written, writeOnnx(readOnnx(written)))) throw new Error('what was written reads back as another model');
    checkModel(model);
    checkFinite(model);
  },
};
