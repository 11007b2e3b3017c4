/**
 * What a level is going to cost, in bits: the estimate by which rate–distortion quantizers choose integers. Adaptive tables under a small
 * context (how large the two levels before and the two above are), counted from what was chosen so far; the coder of the file knows more
 * contexts, so a constant share less is what it needs in the end. Plain numbers in, plain numbers out; nothing of this stands in a file.
 */

/** Levels up to this have a count of their own; larger ones share one, and pay for their distance (Elias' gamma code). */
const largestCounted = 15;
const symbols = largestCounted + 1;

/** Neighbourhoods by 2·|before| + |before that| + 2·|above| + |above that|, each clipped to `largestCounted`. */
const neighbourhoods = 12;
const mostActivity = 6 * largestCounted;
const bucketOf: Readonly<Uint8Array> = Uint8Array.from({ length: mostActivity + 1 }, (_, activity) =>
  activity < 6 ? activity : Math.min(neighbourhoods - 1, 6 + Math.floor(2 * Math.log2(activity / 6))),
);

/** Counts halve when a context has seen so many, so that later layers are told by what resembles them. */
const memory = 4096;

export class Rates {
  private readonly counts = new Float64Array(2 * neighbourhoods * symbols);
  private readonly totals = new Float64Array(2 * neighbourhoods);
  private readonly table = new Float64Array(2 * neighbourhoods * symbols);

  constructor() {
    for (let context = 0; context < 2 * neighbourhoods; context++) {
      // a geometric start whose mean follows the neighbourhood, worth a few observations
      const mean = 0.3 + 0.45 * (context % neighbourhoods);
      const p = mean / (1 + mean);
      for (let k = 0; k < symbols; k++) this.counts[context * symbols + k] = 8 * (1 - p) * p ** k + 0.02;
    }
    this.refresh();
  }

  /** Index of a context: `odd` is 1 on the trellis's odd grid. */
  context(odd: number, before: number, beforeThat: number, above: number): number {
    const clip = (x: number): number => (x > largestCounted ? largestCounted : x);
    return (odd * neighbourhoods + bucketOf[2 * clip(before) + clip(beforeThat) + above]!) * symbols;
  }

  /** The part of the activity that the rows above give: it is known before a row begins. */
  static above(one: number, two: number): number {
    return 2 * Math.min(one, largestCounted) + Math.min(two, largestCounted);
  }

  /** Bits of a level of this magnitude, its sign included. */
  bits(context: number, magnitude: number): number {
    if (magnitude < largestCounted) return this.table[context + magnitude]!;
    return this.table[context + largestCounted]! + 2 * Math.floor(Math.log2(magnitude - largestCounted + 1)) + 1;
  }

  count(context: number, magnitude: number): void {
    const group = context / symbols;
    this.counts[context + Math.min(magnitude, largestCounted)]! += 1;
    this.totals[group]! += 1;
    if (this.totals[group]! < memory) return;
    for (let k = 0; k < symbols; k++) this.counts[context + k]! *= 0.5;
    this.totals[group] = memory / 2;
  }

  /** Makes the tables from the counts. */
  refresh(): void {
    for (let at = 0; at < this.counts.length; at += symbols) {
      let total = 0;
      for (let k = 0; k < symbols; k++) total += this.counts[at + k]!;
      for (let k = 0; k < symbols; k++) this.table[at + k] = Math.log2(total / this.counts[at + k]!) + (k > 0 ? 1 : 0);
    }
  }
}
