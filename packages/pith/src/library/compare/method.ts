/** What a method of a comparison owes: its points, each a setting and the .pith file that it makes. */
import type { CoderChoice } from 'pith-runtime';
import type { Model } from '../../base/tensor.js';
import { lowRanks } from '../../decompose/low-rank.js';
import type { StepRecord } from '../../recipe/runner.js';
import type { Compression } from '../../recipe/step.js';
import { isWeight, parametersOf } from '../../train/parameters.js';
import { type LadderName, spread } from './ladders.js';

/** What methods are made of. */
export interface Bench {
  readonly model: Model;
  readonly points: number;
  /** Trains a ladder, once for all methods that ask for it. */
  ladder(name: LadderName): Promise<Ladder>;
  /** The .pith file of a compression. */
  code(compression: Compression, coder: CoderChoice): Uint8Array;
  /** The network of a compression, all weights dense. */
  dense(compression: Compression): Model;
  /** The .pith file that `squeeze` makes without labels; at a size, or where its fidelity is hardly to be told. */
  squeeze(model: Model, bitsPerWeight?: number): Promise<Uint8Array>;
}

export interface Ladder {
  readonly records: readonly StepRecord[];
  state(index: number): Promise<Compression>;
}

export interface PlannedPoint {
  readonly setting: string;
  make(): Promise<Uint8Array>;
}

export interface Method {
  readonly name: string;
  readonly what: string;
  plan(bench: Bench): Promise<readonly PlannedPoint[]>;
}

/** After which step of a rung a method looks: the last that is not sharing or what follows it, or the last of all. */
type Look = 'pruned' | 'last';

interface OnLadder {
  readonly ladder: LadderName;
  readonly look: Look;
  /** How a setting is called: `density 0.05`. */
  readonly aim: string;
}

function looked({ records }: Ladder, look: Look): number[] {
  const isBefore = (i: number): boolean => records[i + 1]?.use === 'share' && records[i + 1]?.round === records[i]!.round;
  const isLast = (i: number): boolean => records[i + 1]?.round !== records[i]!.round;
  return records.flatMap((_, i) => ((look === 'pruned' ? isBefore(i) : isLast(i)) ? [i] : []));
}

const onLadder =
  ({ ladder, look, aim }: OnLadder, make: (bench: Bench, compression: Compression) => Uint8Array | Promise<Uint8Array>): Method['plan'] =>
  async (bench) => {
    const climbed = await bench.ladder(ladder);
    return looked(climbed, look).map((i) => ({
      setting: `${aim} ${climbed.records[i]!.aim}`,
      make: async () => make(bench, await climbed.state(i)),
    }));
  };

/** What a ladder came to, under one coder. */
export const coded = (name: string, what: string, place: OnLadder, coder: CoderChoice): Method => ({
  name,
  what,
  plan: onLadder(place, (bench, compression) => bench.code(compression, coder)),
});

/** What a ladder came to, squeezed without labels afterwards. */
export const squeezedAfter = (name: string, what: string, place: OnLadder): Method => ({
  name,
  what,
  plan: onLadder(place, (bench, compression) => bench.squeeze(bench.dense(compression))),
});

const mostBits = 5;
const leastBits = 0.8;

/** The network as it came, squeezed to fewer and fewer bits. */
export const squeezed = (name: string, what: string): Method => ({
  name,
  what,
  plan: async (bench) =>
    spread(mostBits, leastBits, bench.points).map((bits) => ({
      setting: `${bits} bits per weight`,
      make: () => bench.squeeze(bench.model, bits),
    })),
});

const mostKept = 0.6;
const leastKept = 0.05;

/** The network as it came with its weights as thin factors, coded or squeezed. */
export const lowRanked = (name: string, what: string, make: (bench: Bench, model: Model) => Uint8Array | Promise<Uint8Array>): Method => ({
  name,
  what,
  async plan(bench) {
    const names = parametersOf(bench.model).filter(isWeight);
    const at = lowRanks(
      bench.model,
      names.map((p) => p.name),
    );
    return spread(mostKept, leastKept, bench.points).map((share) => ({
      setting: `numbers kept ${share}`,
      make: async () => make(bench, at(share)),
    }));
  },
});

/** Nothing but the tensors of a model, as they are. */
export const plain = (model: Model): Compression => ({ model, states: new Map(), statistics: new Map() });
