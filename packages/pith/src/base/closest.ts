/** "Did you mean …?" for words that a person typed: the advice of errors that refuse an unknown name. */

/** Levenshtein's distance; words of a command line are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** The known word that is nearest to the one given, without regard to case; undefined where none is near. The first wins a tie. */
export function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const given = word.toLowerCase();
  let best: { word: string; cost: number } | undefined;
  for (const candidate of known) {
    const cost = distance(given, candidate.toLowerCase());
    if (cost <= Math.max(1, Math.floor(candidate.length / 3)) && cost < (best?.cost ?? Number.POSITIVE_INFINITY))
      best = { word: candidate, cost };
  }
  return best?.word;
}

/** `did you mean "lenet-5"?` for the nearest of the known words, else nothing; `more` follows either way. */
export function didYouMean(word: string, known: readonly string[], more?: string): { readonly fix?: string } {
  const meant = closest(word, known);
  const fix = [...(meant === undefined ? [] : [`did you mean "${meant}"?`]), ...(more === undefined ? [] : [more])].join(' ');
  return fix === '' ? {} : { fix };
}
