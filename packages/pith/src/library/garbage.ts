/**
 * Garbage collected when there is much of it: V8 waits until its own heap has grown, and tensors lie outside of it. Node only.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of arrays made since a collection, from which on there is another. */
const much = 1 << 26;

export class Garbage {
  private readonly gc: (() => void) | undefined;
  private left = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
    // an engine that does not let itself be asked collects when it likes
    this.gc = typeof found === 'function' ? () => void found() : undefined;
  }

  /** To be called between pieces of work. Takes some ten milliseconds where it collects, and microseconds where it does not. */
  collect(): void {
    if (!this.gc || process.memoryUsage().arrayBuffers < this.left + much) return;
    this.gc();
    this.left = process.memoryUsage().arrayBuffers;
  }
}
