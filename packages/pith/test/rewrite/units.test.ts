/** Choosing and ordering hidden units: an order changes no output, dead units change none when they go, and what cannot be chosen says why. */
import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/base/tensor.js';
import { evaluate } from '../../src/ops/evaluate.js';
import { chooseFrom, chooseUnits, type UnitGroup, unitGroups } from '../../src/rewrite/units.js';
import { lenet5 } from '../../src/zoo/lenet-5.js';
import { lenet300 } from '../../src/zoo/lenet-300-100.js';
import { buildNetwork } from '../../src/zoo/network.js';
import { resnet20 } from '../../src/zoo/resnet-20.js';
import { worst } from '../support/compare.js';
import { normalized } from '../train/tiny.js';

const groupsOf = (model: Model): UnitGroup[] => unitGroups(model).filter((g): g is UnitGroup => !('no' in g));

function outputs(model: Model, [channels, height, width]: readonly [number, number, number]): Float64Array {
  const data = Float64Array.from({ length: 2 * channels * height * width }, (_, i) => Math.sin(i) + 0.3);
  const image = { dtype: 'float32' as const, dims: [2, channels, height, width], data };
  const graph = { ...model.graph, inputs: [{ name: 'image', dtype: 'float32' as const, dims: image.dims }] };
  return evaluate(graph, 17, new Map([['image', image]])).get('logits')!.data;
}

const sums = { abs: 1e-9, rel: 1e-9, because: 'doubles added in another order' };
const networks: readonly (readonly [string, Model, readonly [number, number, number]])[] = [
  ['lenet-5', buildNetwork(lenet5, { height: 16, width: 16 }), [1, 16, 16]],
  ['lenet-300-100', buildNetwork(lenet300, { height: 5, width: 5 }), [1, 5, 5]],
  ['a convolution with batch norm', normalized(), [1, 4, 4]],
];

describe.each(networks)('%s', (_, model, shape) => {
  test('has units that can be chosen, and gives the same with them in another order', () => {
    const before = outputs(model, shape);
    expect(groupsOf(model).length).toBeGreaterThan(0);
    for (const group of groupsOf(model)) {
      const turned = Array.from({ length: group.count }, (_, i) => group.count - 1 - i);
      expect(worst(outputs(chooseUnits(model, group, turned), shape), before, sums)).toBeLessThanOrEqual(1);
      const fewer = outputs(chooseUnits(model, group, turned.slice(group.count >> 1)), shape);
      expect(worst(fewer, before, sums)).toBeGreaterThan(1);
    }
  });

  test('gives the same without a unit that nothing reads', () => {
    for (const group of groupsOf(model)) {
      const initializers = new Map(model.graph.initializers);
      for (const { tensor, axis, run } of group.read) {
        const { dims, data, dtype } = initializers.get(tensor)!;
        const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1) * run;
        initializers.set(tensor, {
          dtype,
          dims,
          data: (data as Float32Array).map((w, i) => (Math.floor(i / inner) % group.count === 1 ? 0 : w)),
        });
      }
      const dead: Model = { ...model, graph: { ...model.graph, initializers } };
      const rest = Array.from({ length: group.count }, (_, i) => i).filter((i) => i !== 1);
      expect(worst(outputs(chooseUnits(dead, group, rest), shape), outputs(dead, shape), sums)).toBeLessThanOrEqual(1);
    }
  });
});

test('layers around a sum are refused with the reason, those inside a block are not', () => {
  const verdicts = unitGroups(buildNetwork(resnet20));
  const refused = verdicts.flatMap((v) => ('no' in v ? [v.no] : []));
  expect(refused.filter((why) => why.startsWith('Add')).length).toBeGreaterThan(5);
  expect(refused).toContain('logits is an output of the model');
  expect(verdicts.length - refused.length).toBe(9);
});

test('a unit that is not there, or none at all, is refused', () => {
  const model = normalized();
  const [group] = groupsOf(model);
  for (const units of [[], [group!.count], [0.5]])
    expect(() => chooseUnits(model, group!, units)).toThrow(expect.objectContaining({ code: 'usage.units' }));
});

test('entries are taken along an axis, in runs', () => {
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  expect([...chooseFrom(data, [2, 6], { tensor: 'w', axis: 1, run: 2 }, [2, 0])]).toEqual([4, 5, 0, 1, 10, 11, 6, 7]);
  expect([...chooseFrom(data, [3, 4], { tensor: 'w', axis: 0, run: 1 }, [1])]).toEqual([4, 5, 6, 7]);
});
