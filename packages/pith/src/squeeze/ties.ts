/** Tensors that are equal, bit for bit: exporters write a shared weight twice, and it must stay one. */
import { bytesOf, sizeOf, type Tensor } from '../base/tensor.js';

/** Smaller ones are equal by chance, and cost nothing. */
const least = 64;

/** For each tensor that repeats an earlier one, that one's name. */
export function tiesOf(tensors: ReadonlyMap<string, Tensor>): Map<string, string> {
  const ties = new Map<string, string>();
  const known = new Map<string, string[]>();
  for (const [name, tensor] of tensors) {
    if (sizeOf(tensor.dims) < least) continue;
    const key = `${tensor.dtype} ${tensor.dims} ${sample(bytesOf(tensor))}`;
    const alike = known.get(key) ?? [];
    const same = alike.find((other) => equal(bytesOf(tensors.get(other)!), bytesOf(tensor)));
    if (same !== undefined) ties.set(name, same);
    else known.set(key, [...alike, name]);
  }
  return ties;
}

/** Some bytes of all, spread evenly: tells most tensors apart. */
const sample = (bytes: Uint8Array): string => Array.from({ length: 32 }, (_, i) => bytes[Math.floor((bytes.length * i) / 32)]).join();

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
