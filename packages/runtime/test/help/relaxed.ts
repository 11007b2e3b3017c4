/** The kernels for relaxed SIMD, where this host compiles them: Node before 22 does when it is told to. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

export const relaxedBytes = new Uint8Array(readFileSync(new URL('../../assembly/kernels.relaxed.wasm', import.meta.url)));

export function allowRelaxed(): void {
  if (!WebAssembly.validate(relaxedBytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
