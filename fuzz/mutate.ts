/** Seeded mutations of bytes: bit flips, numbers at the edges, splices, lengths off by a little, cuts, repeats. */
import { Random } from '../packages/pith/src/base/random.js';
import type { Mutation, Target } from './target.js';

/** Inputs never grow beyond this. */
const largest = 64 * 1024;

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/** Start and end of a piece; short pieces are likelier. */
function piece(random: Random, length: number): [from: number, to: number] {
  const from = random.below(length + 1);
  const most = random.below(4) === 0 ? length : 16;
  return [from, Math.min(length, from + random.below(most + 1))];
}

const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0xfe, 0x20, 0x0a, 0x08];
/** Varints that tend to break readers: lengths near 2^31, 2^32, 2^53, 2^63, and −1. */
export const numbers = [
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
].map((list) => Uint8Array.from(list));

function changed(bytes: Uint8Array, at: number, value: (old: number) => number): Uint8Array {
  const out = bytes.slice();
  if (out.length > 0) out[at] = value(out[at]!);
  return out;
}

const mutations: readonly Mutation[] = [
  (random, bytes) => changed(bytes, random.below(bytes.length || 1), (old) => old ^ (1 << random.below(8))),
  (random, bytes) => changed(bytes, random.below(bytes.length || 1), () => random.below(256)),
  (random, bytes) => changed(bytes, random.below(bytes.length || 1), () => edges[random.below(edges.length)]!),
  // A length, or any number, off by a little.
  (random, bytes) => changed(bytes, random.below(bytes.length || 1), (old) => old + random.below(9) - 4),
  (random, bytes) => bytes.slice(0, random.below(bytes.length + 1)),
  (random, bytes) => {
    const [from, to] = piece(random, bytes.length);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (random, bytes) => {
    const [from, to] = piece(random, bytes.length);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (random, bytes, other) => {
    const [from, to] = piece(random, other.length);
    const at = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at));
  },
  (random, bytes, other) => {
    const [from, to] = piece(random, other.length);
    const at = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at + to - from));
  },
  (random, bytes, other) => joined(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))),
  (random, bytes) => {
    const at = random.below(bytes.length + 1);
    const number = numbers[random.below(numbers.length)]!;
    return joined(bytes.subarray(0, at), number, bytes.subarray(at + random.below(3)));
  },
];

/** One to eight mutations of an input, another one serving as a source of pieces. Fewer are likelier. */
export const mutate: Mutation = (random, bytes, other) => repeat(random, bytes, other, (r) => mutations[r.below(mutations.length)]!);

function repeat(random: Random, bytes: Uint8Array, other: Uint8Array, pick: (random: Random) => Mutation): Uint8Array {
  let out = bytes;
  const rounds = 1 << random.below(4);
  for (let i = 0; i < rounds; i++) {
    const made = pick(random)(random, out, other);
    if (made.length <= largest) out = made;
  }
  return out;
}

/** Input `n` of a seed: always the same bytes. */
export function inputOf(target: Target, seeds: readonly Uint8Array[], seed: number, n: number): Uint8Array {
  const random = Random.of(seed, target.name, n);
  const bytes = seeds[random.below(seeds.length)]!;
  const other = seeds[random.below(seeds.length)]!;
  const { mutate: own } = target;
  return own && random.below(2) ? repeat(random, bytes, other, () => own) : mutate(random, bytes, other);
}
