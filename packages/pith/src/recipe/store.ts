/**
 * Where a run keeps what it must not lose: checkpoints by name and a log of events. A folder in Node (train/run-folder.ts); memory for a
 * library call that asked for no folder.
 */
import type { Checkpoint } from '../train/checkpoint.js';

export interface Store {
  save(name: string, checkpoint: Checkpoint): Promise<void>;
  /** undefined where there is none; throws `input.checkpoint` where it is damaged. */
  load(name: string): Promise<Checkpoint | undefined>;
  remove(name: string): Promise<void>;
  /** Appends to the log; the store adds nothing. */
  event(event: Readonly<Record<string, unknown>>): Promise<void>;
}

export function memoryStore(): Store {
  const kept = new Map<string, Checkpoint>();
  return {
    save: async (name, checkpoint) => void kept.set(name, checkpoint),
    load: async (name) => kept.get(name),
    remove: async (name) => void kept.delete(name),
    event: async () => undefined,
  };
}
