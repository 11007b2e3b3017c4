/**
 * The program of a thread, as text: a bundle has no file that a page could start it from. It is told once what it works on, and from then on
 * looks into its slot in the shared memory for calls of kernels: a while at full speed, so that the next layer finds it awake, then asleep.
 */

export interface ThreadTask {
  /** The kernels, for shared memory. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Where its slot begins. */
  readonly slot: number;
}

/** What the word at the beginning of a slot says; 0 until the thread is there. `called` becomes `taken` by it, or `idle` again by the caller. */
export const [idle, called, taken, failed] = [1, 2, 3, 4] as const;

/** Behind that word, float64 each: which of the exports is called, and its arguments. */
export const callOffset = 64;
export const callLength = 32;
export const slotBytes = callOffset + 8 * callLength;

/** Defines `work`, to be handed a `ThreadTask`. */
export const threadScript = `const work = ({ module, memory, slot }) => {
  const kernels = Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports);
  const state = new Int32Array(memory.buffer, slot, 1);
  const call = new Float64Array(memory.buffer, slot + ${callOffset}, ${callLength});
  let next = ${idle};
  Atomics.store(state, 0, next);
  while (next === ${idle}) {
    for (let n = 200000; n > 0 && Atomics.load(state, 0) === next; n--);
    Atomics.wait(state, 0, next);
    if (Atomics.compareExchange(state, 0, ${called}, ${taken}) !== ${called}) continue;
    try {
      kernels[call[0]](...call.subarray(1));
    } catch {
      next = ${failed};
    }
    Atomics.store(state, 0, next);
    Atomics.notify(state, 0);
  }
};
`;
