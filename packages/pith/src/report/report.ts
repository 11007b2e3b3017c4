/**
 * The report of a compression as data: everything that the tables, the HTML page and `--json` show. Versioned; made by the recipe runner,
 * kept in the run folder as `report.json`, so that a page can be made from it at any time.
 */
import type { EpochRecord } from '../train/fit.js';

/** One layer with the columns of Tables 2 and 3 of Deep Compression. Bits and bytes are those of the coded file. */
export interface LayerRow {
  readonly name: string;
  /** What it is: `convolution`, `linear`, `embedding`, `bias`, `normalization`. */
  readonly kind: string;
  readonly dims: readonly number[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Share of the weights that are kept, 0 … 1. */
  readonly density: number;
  /** Centroids of the codebook; 0 where weights are not shared. */
  readonly centroids: number;
  /** Bits per kept weight before Huffman coding (P+Q) and after (P+Q+H). */
  readonly weightBits: { readonly fixed: number; readonly coded: number };
  /** Bits of a relative position per kept weight before Huffman coding and after. */
  readonly indexBits: { readonly fixed: number; readonly coded: number };
  /** Whole layer: float32; after pruning in CSR form; shared with fixed-length codes; Huffman-coded. */
  readonly bytes: { readonly dense: number; readonly pruned: number; readonly shared: number; readonly coded: number };
  /** Counts over equal bins from `low` to `high`, of the kept weights after pruning and retraining, before sharing. */
  readonly histogram?: { readonly low: number; readonly high: number; readonly counts: readonly number[] };
  readonly codebook?: readonly number[];
}

/** A measurement after a step of the recipe. */
export interface PointRow {
  /** Index of the step in the order in which steps were run. */
  readonly step: number;
  /** What the step did: 'prune', 'train', 'share' … */
  readonly use: string;
  /** What is compressed at this point: reference, pruned (P), shared (P+Q), integers trained against their bytes. */
  readonly stage: 'reference' | 'pruned' | 'shared' | 'rated';
  /** Bytes of the whole .pith file at this point. */
  readonly bytes: number;
  /** Top-1 error on the test part, 0 … 1. */
  readonly error: number;
  readonly loss: number;
  readonly density: number;
  /** Which round of a search it belongs to, from 0. */
  readonly round: number;
  readonly seconds: number;
}

/** A point of the curve that `--frontier` trains. */
export interface FrontierRow {
  readonly lambda: number;
  readonly bytes: number;
  readonly error: number;
  readonly loss: number;
  readonly density: number;
  readonly seconds: number;
  /** SHA-256 of the point's file, and its name where it was written. */
  readonly fileHash: string;
  readonly file: string | null;
  /** Whether it is the result. */
  readonly chosen: boolean;
}

export interface SpentRow {
  /** `header`, `metadata`, `graph` (or both as `words`), or what the bits of tensors tell: `steps`, `zeroFlags`, `signs`, `magnitudes`, `biases` … */
  readonly name: string;
  /** With their fraction. */
  readonly bytes: number;
}

export interface Evidence {
  /** Top-1 error on the test part of the file as it is, in pith-runtime; or why it does not run there. */
  readonly runtime: { readonly error: number } | { readonly refused: string };
  /** Images that pith-runtime and ONNX Runtime put into different classes, at the least; null where only one of them ran. */
  readonly apart: number | null;
  /** [label][predicted] counts on the test part, of the decoded file in ONNX Runtime. */
  readonly confusion: readonly (readonly number[])[];
  /** What the bytes of the file were spent on; they add up to it. */
  readonly spent: readonly SpentRow[];
}

export interface CurveRow {
  readonly step: number;
  readonly use: string;
  /** One entry per epoch, on the training batches. */
  readonly epochs: readonly EpochRecord[];
}

export interface Report {
  readonly pithReport: 1;
  readonly network: string;
  readonly data: { readonly name: string; readonly train: number; readonly test: number; readonly classes: readonly string[] };
  readonly recipe: unknown;
  readonly seed: number;
  /** The command that makes it again, without a machine's paths. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly parameters: number;
  /** Top-1 error on the test part, 0 … 1. `decoded` is that of the file decoded to ONNX, in ONNX Runtime. */
  readonly error: { readonly reference: number; readonly compressed: number; readonly decoded: number };
  /** 4 bytes per parameter; after pruning (CSR); with fixed-length codes; the whole file. */
  readonly bytes: { readonly original: number; readonly pruned: number; readonly shared: number; readonly file: number };
  /** Where the bytes of the file are: header, graph, weights, checksums … */
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
  /** What lets a stranger believe the figures; reports of older versions have none. */
  readonly evidence?: Evidence;
  readonly layers: readonly LayerRow[];
  readonly points: readonly PointRow[];
  /** By rising λ. */
  readonly frontier?: readonly FrontierRow[];
  readonly curves: readonly CurveRow[];
  readonly seconds: number;
  readonly sourceHash: string;
  readonly fileHash: string;
  /** Targets that were given, and whether they were met. */
  readonly targets: readonly { readonly name: string; readonly wanted: string; readonly got: string; readonly met: boolean }[];
}
