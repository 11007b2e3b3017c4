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

/** Memory of typed arrays and of the heap, several times as fast as process.memoryUsage. */
const memory = (): { readonly arrays: number; readonly heap: number } => {
  const { external_memory, used_heap_size } = getHeapStatistics();
  return { arrays: external_memory, heap: used_heap_size };
};

/** Without a look at memory. */
function tried(target: Target, bytes: Uint8Array): Verdict {
  const start = performance.now();
  const worked = process.cpuUsage();
  let outcome = 'read';
  try {
    target.run(bytes);
  } catch (error) {
    if (!isPithError(error)) return { outcome: 'crash', finding: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    if (error.kind === 'bug') return { outcome: error.code, finding: error.message };
    outcome = error.code;
  }
  if (performance.now() - start <= slowest) return { outcome };
  // on a busy machine an input may have waited, not worked
  const { user, system } = process.cpuUsage(worked);
  const time = (user + system) / 1000;
  return time > slowest ? { outcome, finding: `took ${Math.round(time)} ms` } : { outcome };
}

export function judge(target: Target, bytes: Uint8Array): Verdict {
  const before = memory();
  const verdict = tried(target, bytes);
  if (verdict.finding !== undefined) return verdict;
  const after = memory();
  const { outcome } = verdict;
  const arrays = after.arrays - before.arrays;
  const heap = after.heap - before.heap;
  if (arrays > mostBuffers(bytes.length, target)) return { outcome, finding: `made ${arrays} bytes of arrays from ${bytes.length}` };
  if (heap > mostHeap) return { outcome, finding: `heap grew by ${heap} bytes from ${bytes.length}` };
  return { outcome };
}

/**
 * Several inputs, with a look at memory before the first and after the last: looking takes longer than a small input does. Where all of
 * them together take more than one may, each is judged by itself.
 */
export function judgeAll(target: Target, inputs: readonly Uint8Array[]): Verdict[] {
  const before = memory();
  const verdicts = inputs.map((bytes) => tried(target, bytes));
  const after = memory();
  const most = mostBuffers(Math.min(...inputs.map(({ length }) => length)), target);
  if (after.arrays - before.arrays <= most && after.heap - before.heap <= mostHeap) return verdicts;
  return inputs.map((bytes) => judge(target, bytes));
}
