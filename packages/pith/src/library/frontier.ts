/** The points of a curve as files: each coded from the state after its round, decoded, compared with what was trained, and written. */
import { basename } from 'node:path';
import { writeAtomic } from '../base/files.js';
import { sha256 } from '../base/hash.js';
import type { Model } from '../base/tensor.js';
import { codeCompression, decodeAndCompare } from '../recipe/code.js';
import { type RunResult, stateAfter } from '../recipe/runner.js';
import type { Store } from '../recipe/store.js';
import type { FrontierRow } from '../report/report.js';

export interface FrontierPoint {
  readonly lambda: number;
  /** The whole .pith file. */
  readonly bytes: Uint8Array;
  /** Top-1 error on the test part, 0 … 1. */
  readonly error: number;
  /** Where it was written; absent without an output. */
  readonly path?: string;
}

/** `model.pith` and point 2: `model.2.pith`. */
export const pointPath = (output: string, index: number): string => {
  const [, stem = output, extension = ''] = /^(.*[^/\\])(\.[^./\\]+)$/.exec(output) ?? [];
  return `${stem}.${index + 1}${extension}`;
};

export interface FrontierParts {
  readonly run: RunResult;
  readonly model: Model;
  readonly store: Store;
  readonly metadata: ReadonlyMap<string, string>;
  readonly output: string | undefined;
}

/** Throws `bug.decode`, `output.*`. */
export async function writeFrontier({ run, model, store, metadata, output }: FrontierParts): Promise<{
  readonly points: readonly FrontierPoint[];
  readonly rows: readonly FrontierRow[];
}> {
  const start = { model, states: new Map(), statistics: new Map() };
  const points: FrontierPoint[] = [];
  const rows: FrontierRow[] = [];
  for (const [i, { aim: lambda, error, loss, density, seconds }] of run.records.entries()) {
    const state = await stateAfter({ store, start }, i);
    const { bytes } = codeCompression(state, metadata);
    decodeAndCompare(bytes, state);
    const path = output === undefined ? undefined : pointPath(output, i);
    if (path !== undefined) await writeAtomic(path, bytes);
    points.push({ lambda, bytes, error, ...(path !== undefined && { path }) });
    rows.push({
      ...{ lambda, bytes: bytes.length, error, loss, density, seconds },
      fileHash: sha256(bytes),
      file: path === undefined ? null : basename(path),
      chosen: i === run.chosen,
    });
  }
  return { points, rows };
}
