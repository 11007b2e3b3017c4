/** What a file may ask for. Checked against what it declares, before anything is allocated. */
import { PithError } from '../errors.js';

export interface Limits {
  /** Of all tensors in their dense form, of the graph and of the metadata. */
  readonly maxDecodedBytes: number;
  readonly maxTensors: number;
  readonly maxNodes: number;
  /** Dimensions of one tensor. */
  readonly maxRank: number;
  /** Graphs inside graphs. */
  readonly maxDepth: number;
}

const standard: Limits = { maxDecodedBytes: 2 ** 30, maxTensors: 100_000, maxNodes: 100_000, maxRank: 32, maxDepth: 16 };

/** Fills in what is not given. Throws `usage.option` for a name that is no limit, or a limit that is no number. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const refuse = (option: string, expected: string, got: unknown): never => {
    throw new PithError('usage.option', { at: { option }, expected, got: String(got) });
  };
  if (typeof given !== 'object' || given === null) refuse('limits', 'an object', given);
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(standard, key)) refuse(key, `one of ${Object.keys(standard).join(', ')}`, key);
    if (typeof value !== 'number' || !(value >= 0)) refuse(`limits.${key}`, 'a number from 0 on', value);
  }
  return { ...standard, ...given };
}

/** Throws `limit.<slug>` where a file asks for more than its reader allows. */
export function within(limits: Limits, name: keyof Limits, got: number): void {
  if (got > limits[name])
    throw new PithError(`limit.${slugs[name]}`, {
      expected: `at most ${limits[name]} (${name})`,
      got: String(got),
      fix: `if you trust the file, raise limits.${name}`,
    });
}

const slugs: Readonly<Record<keyof Limits, string>> = {
  maxDecodedBytes: 'decoded-bytes',
  maxTensors: 'tensors',
  maxNodes: 'nodes',
  maxRank: 'rank',
  maxDepth: 'depth',
};
