/** Weights that share few values already (clustered, binary, ternary): exact as a codebook, and often smaller so than rounded. */
import type { SharedStored } from 'pith-runtime';
import type { Tensor } from '../base/tensor.js';
import type { InventoryRow } from './inventory.js';

const mostValues = 256;

export interface FewValues {
  readonly stored: SharedStored;
  /** What the indices take by their frequencies, and the values themselves. */
  readonly bits: number;
}

/** Undefined for weights of more values. */
export function fewValues({ distinct }: InventoryRow, { dtype, dims, data }: Tensor): FewValues | undefined {
  if (dtype !== 'float32' || distinct === undefined || distinct > mostValues) return undefined;
  const numbers = data as Float32Array;
  const counts = new Map<number, number>();
  for (let i = 0; i < numbers.length; i++) counts.set(numbers[i]!, (counts.get(numbers[i]!) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits += count * Math.log2(numbers.length / count);
  const zeros = counts.get(0) ?? 0;
  counts.delete(0);
  const codebook = Float32Array.from(counts.keys()).sort();
  const clusters = new Map(Array.from(codebook, (value, i) => [value, i]));
  const positions = zeros > 0 ? new Uint32Array(numbers.length - zeros) : null;
  const index = new Uint16Array(numbers.length - zeros);
  for (let i = 0, to = 0; i < numbers.length; i++) {
    const cluster = clusters.get(numbers[i]!);
    if (cluster === undefined) continue;
    if (positions) positions[to] = i;
    index[to++] = cluster;
  }
  return { stored: { kind: 'shared', dims, codebook, positions, index, gapBits: 0 }, bits: bits + 32 * codebook.length };
}
