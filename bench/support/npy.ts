/** Arrays of float32 and int64 in NumPy's format, version 1. */
import { readFile, writeFile } from 'node:fs/promises';

export interface NpyArray {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

const magic = '\x93NUMPY\x01\x00';

export async function writeNpy(path: string, { dims, data }: NpyArray): Promise<void> {
  const kind = data instanceof Float32Array ? '<f4' : '<i8';
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const head = Buffer.alloc(Math.ceil((10 + text.length + 1) / 64) * 64, ' ');
  head.write(magic, 'latin1');
  head.writeUInt16LE(head.length - 10, 8);
  head.write(text, 10, 'latin1');
  head.write('\n', head.length - 1, 'latin1');
  await writeFile(path, Buffer.concat([head, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]));
}

export async function readNpy(path: string): Promise<NpyArray> {
  const bytes = await readFile(path);
  const start = 10 + bytes.readUInt16LE(8);
  const head = bytes.toString('latin1', 10, start);
  const [, kind, shape] = /'descr': '(<f4|<i8)', 'fortran_order': False, 'shape': \(([\d, ]*)\)/.exec(head) ?? [];
  if (bytes.toString('latin1', 0, 8) !== magic || shape === undefined) throw new Error(`${path}: not float32 or int64 in C order`);
  const dims = shape
    .split(',')
    .filter((d) => d.trim() !== '')
    .map(Number);
  const { buffer } = Uint8Array.from(bytes.subarray(start));
  return { dims, data: kind === '<f4' ? new Float32Array(buffer) : new BigInt64Array(buffer) };
}
