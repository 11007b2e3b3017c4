/**
 * The nodes of two graphs side by side. Names of values in between say nothing (a .pith file has its own), so nodes are aligned like the
 * lines of two texts: by operator and weight, in their order. Nodes that stand side by side are then compared.
 */
import { isDeepStrictEqual } from 'node:util';
import { isDefaultAttribute } from 'pith-runtime';
import type { Attribute, GraphData, NodeData } from '../base/tensor.js';

export interface ChangedNode {
  readonly change: 'added' | 'removed' | 'changed';
  /** Its first output. */
  readonly node: string;
  readonly op: string;
  /** Of a changed one: `inputs`, or names of attributes. */
  readonly what: readonly string[];
}

/** In the order of the second graph, the removed ones where they stood. */
export function changedNodes(a: GraphData, b: GraphData): ChangedNode[] {
  const pairs = aligned(a.nodes.map(keyIn(a)), b.nodes.map(keyIn(b)));
  const counterparts = new Map<string, string>();
  for (const [i, j] of pairs)
    for (const [n, output] of (i === undefined || j === undefined ? [] : a.nodes[i]!.outputs).entries())
      counterparts.set(output, b.nodes[j!]!.outputs[n] ?? '');
  const added = new Set(pairs.flatMap(([i, j]) => (i === undefined ? b.nodes[j!]!.outputs : [])));
  const made = new Set(a.nodes.flatMap((node) => node.outputs));
  return pairs.flatMap(([i, j]): ChangedNode[] => {
    if (j === undefined) return [told('removed', a.nodes[i!]!)];
    const now = b.nodes[j]!;
    if (i === undefined) return [told('added', now)];
    const before = a.nodes[i]!;
    // what another value stands for because a node went away or came is told at that node
    const moved = now.inputs.some((input, n) => {
      const was = before.inputs[n] ?? '';
      return (made.has(was) ? (counterparts.get(was) ?? input) : was) !== input && !added.has(input);
    });
    const what = [...(moved || before.inputs.length > now.inputs.length ? ['inputs'] : []), ...changedAttributes(before, now)];
    return what.length === 0 ? [] : [{ ...told('changed', now), what }];
  });
}

const nameOf = ({ op, domain }: NodeData): string => (domain === '' ? op : `${domain}.${op}`);

const told = (change: ChangedNode['change'], node: NodeData): ChangedNode => ({
  change,
  node: node.outputs.find((name) => name !== '') ?? node.name,
  op: nameOf(node),
  what: [],
});

const keyIn =
  ({ initializers }: GraphData) =>
  (node: NodeData): string =>
    JSON.stringify([nameOf(node), node.inputs.find((name) => initializers.has(name)) ?? '']);

/** One that repeats the operator's default says nothing. */
const changedAttributes = (a: NodeData, b: NodeData): string[] =>
  [...new Set([...a.attributes.keys(), ...b.attributes.keys()])]
    .filter((key) => !isDeepStrictEqual(saying(a, key), saying(b, key)))
    .map((key) => `attribute ${key}`);

function saying(node: NodeData, key: string): Attribute | undefined {
  const attribute = node.attributes.get(key);
  return attribute && isDefaultAttribute(node, key, attribute) ? undefined : attribute;
}

type Pair = readonly [a: number | undefined, b: number | undefined];

/** Cells of the table of common subsequences; beyond, what is in the middle counts as replaced. */
const largestTable = 1 << 24;

/** A longest common subsequence of two lists, with what is only in one of them between. */
function aligned(a: readonly string[], b: readonly string[]): Pair[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [rows, columns] = [a.length - start - end, b.length - start - end];
  const wide = columns + 1;
  const small = (rows + 1) * wide <= largestTable;
  // longest[i][j]: length of the longest common subsequence of what is left from i and j
  const longest = new Uint16Array(small ? (rows + 1) * wide : 0);
  if (small)
    for (let i = rows - 1; i >= 0; i--)
      for (let j = columns - 1; j >= 0; j--)
        longest[i * wide + j] =
          a[start + i] === b[start + j]
            ? longest[(i + 1) * wide + j + 1]! + 1
            : Math.max(longest[(i + 1) * wide + j]!, longest[i * wide + j + 1]!);
  const pairs: Pair[] = Array.from({ length: start }, (_, i) => [i, i]);
  for (let i = 0, j = 0; i < rows || j < columns; ) {
    if (small && i < rows && j < columns && a[start + i] === b[start + j]) pairs.push([start + i++, start + j++]);
    else if (j >= columns || (i < rows && (!small || longest[(i + 1) * wide + j]! >= longest[i * wide + j + 1]!)))
      pairs.push([start + i++, undefined]);
    else pairs.push([undefined, start + j++]);
  }
  for (let k = end; k > 0; k--) pairs.push([a.length - k, b.length - k]);
  return pairs;
}
