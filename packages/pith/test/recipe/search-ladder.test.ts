/** Ladders: each rung begins where an earlier one had got to, or at the reference. */
import { expect, test } from 'vitest';
import { ladderPlan } from '../../src/recipe/search/ladder.js';
import type { Measured } from '../../src/recipe/targets.js';

const prune = { use: 'prune', threshold: { scope: 'global', density: 0.5 } } as const;
const rungs = [0.5, 0.2, 0.1].map((aim) => ({ aim, steps: [prune, { use: 'train', epochs: 1, rate: 0.1 }, { use: 'share' }] as const }));

function climbed(goesOnAt: number): string[] {
  const plan = ladderPlan({ name: 'test', rungs, goesOnAt });
  const records: Measured[] = [];
  const told: string[] = [];
  for (let next = plan(records, 0); next.kind === 'step'; next = plan(records, 0)) {
    told.push(`${next.round}/${next.rounds} ${next.aim} ${next.step.use} from ${next.from}`);
    records.push({ round: next.round, aim: next.aim, use: next.step.use, bytes: 1, error: 0 });
  }
  expect(plan(records, 0)).toEqual({ kind: 'end', chosen: 8, met: true });
  return told;
}

test('Rungs go on from a step of the one before', () => {
  expect(climbed(1)).toEqual([
    '0/3 0.5 prune from -1',
    '0/3 0.5 train from 0',
    '0/3 0.5 share from 1',
    '1/3 0.2 prune from 1',
    '1/3 0.2 train from 3',
    '1/3 0.2 share from 4',
    '2/3 0.1 prune from 4',
    '2/3 0.1 train from 6',
    '2/3 0.1 share from 7',
  ]);
});

test('Or each from the reference', () => {
  expect(climbed(-1).filter((line) => line.includes('prune'))).toEqual([
    '0/3 0.5 prune from -1',
    '1/3 0.2 prune from -1',
    '2/3 0.1 prune from -1',
  ]);
});
