/** Sizes as people type them: `44kB`, `1.5MB`, `44KiB`, `2200` (bytes), `40x` (a fortieth of the original). kB is 1000 bytes. */

import { closest } from '../base/closest.js';
import { PithError } from '../base/errors.js';

const units: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
]);

/** Unit names in the order in which they are suggested. */
const suggestions = ['kB', 'MB', 'GB', 'KiB', 'MiB', 'GiB', 'x', 'B'];

/**
 * A size in whole bytes, at least 1. `original` is the size in bytes that `40x` refers to. Throws `usage.size`, with what was
 * probably meant.
 */
export function parseSize(text: string, original?: number): number {
  const refuse = (fix?: string, expected = 'a size such as 44kB, 2200 (bytes) or 40x (of the original)'): PithError =>
    new PithError('usage.size', { expected, got: JSON.stringify(text.slice(0, 64)), ...(fix !== undefined && { fix }) });

  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?) ?(\p{L}*|×)$/u.exec(text.trim()) ?? [];
  if (digits === undefined) {
    const plain = text
      .trim()
      .replace(/^(\d+),(\d{1,2})(?!\d)/, '$1.$2')
      .replace(/[,_'](?=\d{3})/g, '');
    throw refuse(plain !== text.trim() && /^\d+(\.\d+)? ?[a-zA-Z]*$/.test(plain) ? `did you mean ${plain}?` : undefined);
  }
  const amount = Number(digits);
  if (unit === 'x' || unit === '×') {
    if (original === undefined) throw refuse('give a size in bytes', 'a size in bytes, as there is no original here');
    if (!(amount >= 1)) throw refuse(`did you mean ${amount > 0 ? Number((1 / amount).toPrecision(3)) : 40}x?`, 'a ratio of at least 1x');
    return atLeastOne(original / amount);
  }
  const factor = units.get(unit === '' ? 'B' : unit);
  if (factor === undefined) {
    const meant = unit.length === 1 ? suggestions.find((s) => s[0]?.toLowerCase() === unit.toLowerCase()) : closest(unit, suggestions);
    throw refuse(meant && `did you mean ${digits}${meant}?`, `a size in ${[...units.keys()].join(', ')}, or a ratio such as 40x`);
  }
  if (factor === 1 && !Number.isInteger(amount)) throw refuse(`did you mean ${digits}kB?`, 'a whole number of bytes');
  return atLeastOne(amount * factor);

  function atLeastOne(bytes: number): number {
    const whole = Math.floor(bytes + 1e-6); // 1.001 kB is 1001 bytes, whatever binary fractions say
    if (whole < 1 || !Number.isSafeInteger(whole)) throw refuse(undefined, 'a size of at least one byte');
    return whole;
  }
}
