/**
 * Numbers as people read them, the same in the terminal, in the page and in every locale: kB is 1000 bytes, errors are percentages,
 * a ratio never rounds up over a target. What is not a finite number is shown as a dash.
 */

/** Shown where there is no finite number. */
const NONE = '–';

const finite = (value: number): boolean => Number.isFinite(value);

const fixed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
};

/** 431080 → `431,080`. Rounds to a whole number. */
export function formatCount(value: number): string {
  if (!finite(value)) return NONE;
  return fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, ',');
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 412 → `412 B`, 36214 → `36.2 kB`, 1724320 → `1.7 MB`. */
export function formatBytes(bytes: number): string {
  if (!finite(bytes)) return NONE;
  let value = bytes;
  let unit = 0;
  while (unit < byteUnits.length - 1 && Math.abs(value) >= (unit === 0 ? 999.5 : 999.95)) {
    value /= 1000;
    unit++;
  }
  return `${fixed(value, unit === 0 ? 0 : 1)} ${byteUnits[unit] ?? ''}`;
}

/** A fraction as a percentage: 0.0074 → `0.74 %`. */
export function formatPercent(fraction: number, digits = 2): string {
  return finite(fraction) ? `${fixed(fraction * 100, digits)} %` : NONE;
}

/** 47.68 → `47.6×`, 120.4 → `120×`. Cut, not rounded: 39.99 is not 40. */
export function formatRatio(ratio: number): string {
  if (!finite(ratio)) return NONE;
  const digits = Math.abs(ratio) < 100 ? 1 : 0;
  const scale = 10 ** digits;
  return `${fixed(Math.floor(ratio * scale + 1e-9) / scale, digits)}×`;
}

/** A number with a fixed number of decimals, for columns. */
export function formatNumber(value: number, digits: number): string {
  return finite(value) ? fixed(value, digits) : NONE;
}

/** 0.4 → `0.4 s`, 312 → `5 min 12 s`, 7500 → `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (!finite(seconds)) return NONE;
  if (seconds < 9.95) return `${fixed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A tensor's shape: `50×20×5×5`. */
export const formatDims = (dims: readonly number[]): string => dims.join('×');

/**
 * A string from a file, safe for a terminal and one line long: control characters, among them escape sequences and line breaks, and
 * marks that turn the direction of writing are replaced.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** At most `length` characters, with the middle left out: both ends of a layer's name say something. */
export function shorten(text: string, length: number): string {
  const letters = [...text];
  if (letters.length <= length) return text;
  const tail = Math.max(0, Math.floor((length - 1) / 2));
  const head = Math.max(0, length - 1 - tail);
  return `${letters.slice(0, head).join('')}…${tail ? letters.slice(-tail).join('') : ''}`;
}
