/** Runs one input and says what is wrong with how it went: nothing, another error than PithError, too slow, too much memory. */
import { getHeapStatistics } from 'node:v8';
import type { PithError } from 'pith-runtime';
import type { Target } from './target.js';

export interface Verdict {
  /** 'read', or the code of the error. */
  readonly outcome: string;
  /** undefined: all is well. */
  readonly finding?: string;
}

const slowest = 1000;
/** Objects of a graph weigh more than their bytes in the file; inputs are small. */
const mostHeap = 32 * 1024 * 1024;

/** Bytes of typed arrays made for an input: twice what came and 1 MiB, unless the target says otherwise. */
const mostBuffers = (length: number, { allowance = 1024 * 1024 }: Target): number => 2 * length + allowance;

/** By name: a target may bring its own copy of the class, from the sources or from the build. */
const isPithError = (error: unknown): error is PithError => error instanceof Error && error.name === 'PithError' && 'code' in error;

export function judge(target: Target, bytes: Uint8Array): Verdict {
  // several times as fast as process.memoryUsage; external memory is that of typed arrays
  const before = getHeapStatistics();
  const start = performance.now();
  let outcome = 'read';
  try {
    target.run(bytes);
  } catch (error) {
    if (!isPithError(error)) return { outcome: 'crash', finding: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    if (error.kind === 'bug') return { outcome: error.code, finding: error.message };
    outcome = error.code;
  }
  const time = performance.now() - start;
  const after = getHeapStatistics();
  const buffers = after.external_memory - before.external_memory;
  const heap = after.used_heap_size - before.used_heap_size;
  if (time > slowest) return { outcome, finding: `took ${Math.round(time)} ms` };
  if (buffers > mostBuffers(bytes.length, target)) return { outcome, finding: `made ${buffers} bytes of arrays from ${bytes.length}` };
  if (heap > mostHeap) return { outcome, finding: `heap grew by ${heap} bytes from ${bytes.length}` };
  return { outcome };
}
