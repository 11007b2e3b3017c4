/** What a comparison says of itself while it goes on. */
import type { RunProgress } from '../../recipe/runner.js';

export interface CompareProgress {
  /** A ladder that is trained, or a method whose points are made. */
  readonly doing: string;
  readonly training?: RunProgress;
  /** Points of the method that are there, and all. */
  readonly done?: number;
  readonly total?: number;
}
