/** How much memory the activations of a graph need at once, if each is freed after the last node that reads it. */

import { reads } from '../base/order.js';
import type { NodeData } from '../base/tensor.js';

export interface MemoryQuestion {
  /** Nodes in the order in which they run. */
  readonly order: readonly NodeData[];
  readonly inputs: readonly string[];
  /** Values that stay to the end. */
  readonly outputs: readonly string[];
  /** Size of a value; it is asked of inputs and node outputs only. */
  readonly bytes: (name: string) => number;
}

/** Peak in bytes. While a node runs, its inputs and outputs are all alive; outputs that share memory with an input (Reshape) count twice. */
export function peakMemory({ order, inputs, outputs, bytes }: MemoryQuestion): number {
  const last = new Map<string, number>();
  order.forEach((node, i) => {
    for (const name of reads(node)) last.set(name, i);
  });
  for (const name of outputs) last.set(name, order.length);
  const alive = new Set(inputs);
  let now = inputs.reduce((sum, name) => sum + bytes(name), 0);
  let peak = now;
  order.forEach((node, i) => {
    for (const name of node.outputs.filter((n) => n !== '')) {
      alive.add(name);
      now += bytes(name);
    }
    peak = Math.max(peak, now);
    for (const name of [...reads(node), ...node.outputs])
      if (alive.has(name) && (last.get(name) ?? -1) <= i) {
        alive.delete(name);
        now -= bytes(name);
      }
  });
  return peak;
}
