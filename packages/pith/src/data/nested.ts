/** Numbers in JSON: lists of lists, as people write arrays, to a shape and its numbers and back. */
import { PithError } from '../base/errors.js';

export interface Numbers {
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: Float64Array;
}

/** More dimensions are no array of numbers, but a mistake. */
const deepest = 16;

/** `[[1, 2], [3, 4]]` or `{ "dims": [2, 2], "data": [1, 2, 3, 4] }`. Throws `input.json` where lists differ in length or hold something else. */
export function numbersOf(value: unknown, what: string): Numbers {
  const wrong = (expected: string, got: string): PithError => new PithError('input.json', { at: { tensor: what }, expected, got });
  if (isObject(value) && Array.isArray(value['dims']) && Array.isArray(value['data'])) {
    const [shape, flat] = [numbersOf(value['dims'], what), numbersOf(value['data'], what)];
    const dims = [...shape.data];
    if (flat.dims.length > 1 || dims.reduce((a, b) => a * b, 1) !== flat.data.length)
      throw wrong(`numbers for [${dims}]`, `${flat.data.length} numbers`);
    return { dims, data: flat.data };
  }
  const dims: number[] = [];
  for (let part = value; Array.isArray(part); part = part[0]) {
    if (dims.push(part.length) > deepest) throw wrong(`at most ${deepest} dimensions`, 'more');
  }
  const list: number[] = [];
  const walk = (part: unknown, depth: number): void => {
    if (depth === dims.length) {
      if (typeof part !== 'number' && typeof part !== 'boolean') throw wrong('numbers in lists that are alike', describe(part));
      list.push(Number(part));
    } else if (!Array.isArray(part) || part.length !== dims[depth]) throw wrong(`a list of ${dims[depth]}`, describe(part));
    else for (const inner of part as readonly unknown[]) walk(inner, depth + 1);
  };
  walk(value, 0);
  return { dims, data: Float64Array.from(list) };
}

/** Lists of lists; a number where there are no dimensions. */
export function nestedOf(dims: readonly number[], data: ArrayLike<number | bigint>): unknown {
  let at = 0;
  const build = (depth: number): unknown =>
    depth === dims.length ? Number(data[at++]) : Array.from({ length: dims[depth]! }, () => build(depth + 1));
  return build(0);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const describe = (part: unknown): string => (Array.isArray(part) ? `a list of ${part.length}` : JSON.stringify(part)?.slice(0, 40));
