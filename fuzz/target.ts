/** What the fuzzer works on. */
import type { Random } from '../packages/pith/src/base/random.js';

/** Changes an input, with another one as a source of pieces; the same random state gives the same result. */
export type Mutation = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

/** What a fuzz target is: a reader of bytes that must either return or throw a PithError, soon and within bounded memory. */
export interface Target {
  /** Also the name of its folder in fuzz/seeds and of its log in fuzz/logs. */
  readonly name: string;
  /** Small valid inputs to start from, always the same ones in the same order. */
  seeds(): Uint8Array[];
  /** A mutation that knows the format, taken half of the time: it reaches deeper than changed bytes do. */
  readonly mutate?: Mutation;
  /** Inputs that are counted off instead of drawn; undefined after the last. */
  counted?(seeds: readonly Uint8Array[], n: number): Uint8Array | undefined;
  /** Bytes of typed arrays that an input may take beyond twice its length; 1 MiB unless said. */
  readonly allowance?: number;
  /** Reads the bytes. Returns, or throws a PithError; anything else is a finding. */
  run(bytes: Uint8Array): void;
}
