/** A file that breaks one rule of FORMAT.md. */
import type { ErrorCode } from '../../../src/errors.js';

export interface Broken {
  readonly rule: string;
  readonly how: string;
  readonly file: Uint8Array;
  readonly code: ErrorCode;
}
