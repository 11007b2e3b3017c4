/**
 * Garbage collected when somebody knows that there is some: V8 waits until its own heap has grown, and tensors lie outside of it. Node only.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What collects; nothing where the engine does not let itself be asked. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
  return typeof found === 'function' ? () => void found() : () => undefined;
}
