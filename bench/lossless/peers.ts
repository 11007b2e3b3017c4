/** What general compressors make of the same bytes, at their highest levels; planes: the bytes of equal significance beside each other. */
import { spawn } from 'node:child_process';
import { brotliCompressSync, constants } from 'node:zlib';

/** The first bytes of all elements, then the second ones …: what a byte shuffle does. */
export function planesOf(bytes: Uint8Array, wide: number): Uint8Array {
  const count = bytes.length / wide;
  return Uint8Array.from(bytes, (_, i) => bytes[(i % count) * wide + Math.floor(i / count)]!);
}

export const brotli = (bytes: Uint8Array): number =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

const script = 'import sys, zstandard; print(len(zstandard.ZstdCompressor(level=22).compress(sys.stdin.buffer.read())))';

/** By Python's zstandard, since not every Node has it. */
export function zstd(python: string, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (part: Buffer) => {
      out += part.toString();
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(Number(out)) : reject(new Error(`${python} ended with ${code}; does it have zstandard?`)),
    );
    child.stdin.end(bytes);
  });
}
