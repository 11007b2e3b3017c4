/** The record of a comparison: one versioned object, from which tables and pictures are made. */
export interface ComparedPoint {
  /** What the method was asked for: `density 0.05`, `λ 0.00001`. */
  readonly setting: string;
  /** Of the whole .pith file. */
  readonly bytes: number;
  /** Top-1 on the test part, of the decoded file in ONNX Runtime, 0 … 1. */
  readonly error: number;
  readonly loss: number;
  readonly fileHash: string;
  /** Relative to the folder of the comparison. */
  readonly file: string;
}

export interface ComparedCurve {
  readonly method: string;
  readonly what: string;
  /** By falling size. */
  readonly points: readonly ComparedPoint[];
  /** Why there are none. */
  readonly skipped?: string;
}

/** What each method comes to at one size, or at one error; null where its curve does not reach it. */
export interface ComparedRow {
  readonly at: number;
  readonly values: readonly (number | null)[];
}

export interface CompareReport {
  readonly pithCompare: 1;
  readonly network: string;
  readonly data: { readonly name: string; readonly train: number; readonly test: number; readonly classes: number };
  readonly parameters: number;
  /** 4 bytes per parameter. */
  readonly original: number;
  readonly reference: { readonly error: number; readonly loss: number };
  readonly curves: readonly ComparedCurve[];
  /** `at`: bytes; values: errors. In the order of the curves, interpolated on each. */
  readonly equalBytes: readonly ComparedRow[];
  /** `at`: error; values: bytes. */
  readonly equalError: readonly ComparedRow[];
  readonly seed: number;
  readonly points: number;
  readonly epochs: number | null;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly sourceHash: string;
}
