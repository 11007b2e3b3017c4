/** The record of a squeeze: one stable, versioned object, from which the tables are made. */
import type { Fidelity } from '../squeeze/fidelity.js';
import type { Rule } from '../squeeze/inventory.js';
import type { Method } from '../squeeze/squeeze.js';

export interface SqueezedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly dims: readonly number[];
  readonly elements: number;
  readonly rule: Rule;
  /** Why this rule. */
  readonly because: string;
  readonly method: Method;
  /** In the file; 0 for what stands in the graph. */
  readonly bytes: number;
  /** How the file keeps it. */
  readonly parametrization: string;
  readonly coder: string;
}

export interface SqueezeRound {
  readonly constant: number;
  readonly bytes: number;
  /** Cosine of the worst output; null where it is no number. */
  readonly fidelity: number | null;
  /** Rise of the top-1 error, in percentage points. */
  readonly drop?: number;
}

export interface SqueezeReport {
  readonly pithSqueeze: 1;
  readonly network: string;
  /** With external data. */
  readonly source: { readonly bytes: number; readonly hash: string };
  readonly file: { readonly bytes: number; readonly hash: string };
  /** Elements of all tensors of floats, and of small integers where a model is quantized already. */
  readonly weights: number;
  /** Of the whole file, for each of them. */
  readonly bitsPerWeight: number;
  readonly lossless: boolean;
  readonly effort: number;
  readonly seed: number;
  /** The global constant; null where nothing was rounded. */
  readonly constant: number | null;
  readonly rounds: readonly SqueezeRound[];
  /** Null where every bit is the same, which needs no measuring. */
  readonly fidelity: Fidelity | null;
  /** Top-1 error on the labelled test part, 0 … 1. */
  readonly error?: { readonly before: number; readonly after: number; readonly count: number };
  readonly targets: readonly { readonly name: string; readonly wanted: string; readonly got: string; readonly met: boolean }[];
  readonly tensors: readonly SqueezedTensor[];
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
  readonly batchNorms: { readonly folded: number; readonly refused: readonly { readonly node: string; readonly why: string }[] };
  readonly seconds: number;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}
