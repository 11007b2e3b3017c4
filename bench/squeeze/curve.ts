/**
 * Curves of bytes over quality, and how two of them compare. Single points jitter, most of all in agreement: what counts is the geometric
 * mean of the ratio of bytes at equal quality, over the range of qualities that both curves cover.
 */
export interface Point {
  /** What was asked for: bits per weight, or the peer's quantization parameter. */
  readonly setting: string;
  readonly bytes: number;
  /** Mean squared error of the first output over its variance. */
  readonly error: number;
  /** Share of test samples whose largest output is where the original's is. */
  readonly agreement: number;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
}

const qualities = { error: (p: Point) => -Math.log(p.error + 1e-12), agreement: (p: Point) => p.agreement } as const;
export type Quality = keyof typeof qualities;

interface Line {
  readonly quality: readonly number[];
  readonly logBytes: readonly number[];
}

/** By rising quality; where it falls for more bytes, it counts as level, and a trace of a slope keeps it invertible. */
function lineOf(points: readonly Point[], quality: Quality): Line {
  const of = qualities[quality];
  const sorted = [...points].sort((a, b) => of(a) - of(b));
  let best = Number.NEGATIVE_INFINITY;
  const rising = sorted.map((p, i) => {
    best = Math.max(best, of(p));
    return best + 1e-9 * i;
  });
  return { quality: rising, logBytes: sorted.map((p) => Math.log(p.bytes)) };
}

function at({ quality, logBytes }: Line, x: number): number {
  const right = quality.findIndex((q) => q >= x);
  if (right < 0) return logBytes.at(-1)!;
  if (right === 0) return logBytes[0]!;
  const [q0, q1] = [quality[right - 1]!, quality[right]!];
  return logBytes[right - 1]! + ((x - q0) / (q1 - q0)) * (logBytes[right]! - logBytes[right - 1]!);
}

const steps = 50;

/** Bytes of `ours` over those of `theirs` at equal quality; undefined where the curves have no quality in common. */
export function ratio(ours: readonly Point[], theirs: readonly Point[], quality: Quality): number | undefined {
  if (ours.length < 2 || theirs.length < 2) return undefined;
  const [a, b] = [lineOf(ours, quality), lineOf(theirs, quality)];
  const low = Math.max(a.quality[0]!, b.quality[0]!);
  const high = Math.min(a.quality.at(-1)!, b.quality.at(-1)!);
  if (!(high > low)) return undefined;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const x = low + ((high - low) * i) / (steps - 1);
    sum += at(a, x) - at(b, x);
  }
  return Math.exp(sum / steps);
}
