/** Two sides timed in turns: processor time, as other work on the machine stretches the time on the wall. */
import type { Side } from './sides.js';

export const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

/** Microseconds of one call. */
async function timed(side: Side, times: number): Promise<number> {
  const began = process.cpuUsage();
  for (let i = 0; i < times; i++) await side.run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / times;
}

export interface Turns {
  readonly rounds: number;
  /** Milliseconds of each side in a round. */
  readonly slice: number;
}

export interface Compared {
  /** Of one call, medians. */
  readonly microseconds: number;
  readonly rivalMicroseconds: number;
  /** How many times as fast as the rival, the median of the rounds. */
  readonly ratio: number;
}

/** Closes both sides at the end. */
export async function inTurns(sides: readonly [ours: Side, rival: Side], { rounds, slice }: Turns): Promise<Compared> {
  const counts: number[] = [];
  for (const side of sides) {
    // the engine needs a while until it has compiled both for speed
    for (const until = performance.now() + 500; performance.now() < until; ) await side.run();
    counts.push(Math.ceil((1000 * slice) / (await timed(side, 20))));
  }
  const times: { ours: number; rival: number }[] = [];
  for (let round = 0; round < rounds; round++)
    times.push({ ours: await timed(sides[0], counts[0]!), rival: await timed(sides[1], counts[1]!) });
  await Promise.all(sides.map((side) => side.close()));
  return {
    microseconds: median(times.map((r) => r.ours)),
    rivalMicroseconds: median(times.map((r) => r.rival)),
    ratio: median(times.map((r) => r.rival / r.ours)),
  };
}

/** Largest difference of two outputs, over the largest of the expected one. */
export function differenceOf(actual: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return expected.reduce((most, v, i) => Math.max(most, Math.abs(v - actual[i]!)), 0) / largest;
}
