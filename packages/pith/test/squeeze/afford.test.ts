import { describe, expect, test } from 'vitest';
import { effortFor, scaleOf, within } from '../../src/squeeze/afford.js';
import { effortOf, mostEffort, usualEffort } from '../../src/squeeze/effort.js';
import { networks } from '../../src/zoo/list.js';
import { buildNetwork } from '../../src/zoo/network.js';

const efforts = Array.from({ length: mostEffort + 1 }, (_, level) => effortOf(level));

describe('an effort', () => {
  test.each(efforts.map((effort, level) => [level, effort] as const))('%i is itself for a small network', (_, effort) => {
    expect(within(effort, { multiplyAdds: 1e5, layers: 4 })).toEqual(effort);
  });

  test.each([1e8, 1e9, 1e10, 1e11])('looks at no more than its budget where a sample takes %d multiply-adds', (multiplyAdds) => {
    for (const effort of efforts) {
      const { look, samples, most, draws, distilled, drift } = within(effort, { multiplyAdds, layers: 20 });
      expect(Math.max(samples, distilled)).toBeLessThanOrEqual(effort.samples);
      if (look === 'gradient') expect(most * (2 + 7 * draws) * multiplyAdds).toBeLessThanOrEqual(effort.budget);
      // what tells anything at all is taken, whatever it costs
      if (look === 'forward') expect(most === 8 || most * 1.5 * multiplyAdds <= effort.budget || most <= effort.most).toBe(true);
      if (distilled > 0) expect(distilled * 180 * multiplyAdds).toBeLessThanOrEqual(effort.budget);
      if (drift) expect(20 * samples * multiplyAdds).toBeLessThanOrEqual(effort.budget);
    }
  });

  test('gives up draws first, then gradients', () => {
    const usual = effortOf(usualEffort);
    const looks = [1e9, 1.2e10, 3e10].map((multiplyAdds) => within(usual, { multiplyAdds, layers: 20 }));
    expect(looks.map(({ look, draws }) => [look, draws])).toEqual([
      ['gradient', 4],
      ['gradient', 1],
      ['forward', 0],
    ]);
  });

  test('more of it is never a simpler look', () => {
    for (const multiplyAdds of [1e7, 1e9, 1e10, 1e11]) {
      const looks = efforts.map((effort) => ['none', 'forward', 'gradient'].indexOf(within(effort, { multiplyAdds, layers: 20 }).look));
      expect(looks).toEqual(looks.toSorted());
    }
  });
});

test('the usual effort looks at every network of the zoo in full', () => {
  expect(networks.length).toBeGreaterThan(0);
  for (const network of networks) {
    const model = buildNetwork(network);
    expect(scaleOf(model).multiplyAdds).toBeGreaterThan(1e4);
    expect(effortFor(usualEffort, model)).toEqual(effortOf(usualEffort));
  }
});
