/**
 * Code lengths of an optimal prefix code under a limit: package-merge (Larmore and Hirschberg, 1990). Integer arithmetic and a fixed
 * order among equals, so the same counts give the same lengths everywhere.
 */

/** Lengths for each symbol, 0 where its count is 0. At least two counts are positive, and at most 2^limit. */
export function codeLengths(counts: Uint32Array, limit: number): Uint8Array {
  const used = Array.from(counts.keys()).filter((s) => counts[s]! > 0);
  used.sort((a, b) => counts[a]! - counts[b]! || a - b);
  const weights = Float64Array.from(used, (s) => counts[s]!);

  // Level by level, from the deepest: packages of two neighbours of the list below, merged with the leaves. For each list we keep
  // which of its items are packages.
  const levels: Uint8Array[] = [];
  let list = weights;
  levels.push(new Uint8Array(list.length));
  for (let level = 1; level < limit; level++) {
    const packages = list.length >> 1;
    const merged = new Float64Array(weights.length + packages);
    const isPackage = new Uint8Array(merged.length);
    for (let i = 0, leaf = 0, pack = 0; i < merged.length; i++) {
      const weight = pack < packages ? list[2 * pack]! + list[2 * pack + 1]! : Infinity;
      if (leaf < weights.length && weights[leaf]! <= weight) merged[i] = weights[leaf++]!;
      else {
        merged[i] = weight;
        isPackage[i] = 1;
        pack++;
      }
    }
    levels.push(isPackage);
    list = merged;
  }

  // The cheapest 2n − 2 items of the last list; each package stands for two items of the list below; each leaf met is one bit longer.
  const lengths = new Uint8Array(counts.length);
  let take = 2 * used.length - 2;
  for (let level = levels.length - 1; level >= 0 && take > 0; level--) {
    let packages = 0;
    for (let i = 0; i < take; i++) packages += levels[level]![i]!;
    for (let i = 0; i < take - packages; i++) lengths[used[i]!]!++;
    take = 2 * packages;
  }
  return lengths;
}
