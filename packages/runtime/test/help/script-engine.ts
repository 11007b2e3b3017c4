/** The engine as it is written, without WebAssembly. */
import { Core } from '../../src/codec/engine/core.js';
import type { Engine } from '../../src/codec/engine/engine.js';

class Scripted extends Core {
  private held: Uint8Array | undefined;

  hold(bytes: Uint8Array): void {
    if (this.held === bytes) return;
    this.room(bytes.length);
    this.input.set(bytes);
    this.held = bytes;
  }

  letGo(): void {
    this.held = undefined;
  }
}

export const scriptEngine = (): Engine => new Scripted();
