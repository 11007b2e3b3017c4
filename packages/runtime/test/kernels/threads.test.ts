/** Parts of kernel calls on several threads: the same bits for any number of them, and what happens where threads fail. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ConvShape, LinearShape } from '../../src/kernels/choice.js';
import { convChoices, convWays } from '../../src/kernels/conv-choices.js';
import { linearChoices, linearWays } from '../../src/kernels/linear-choices.js';
import { Machine } from '../../src/kernels/machine.js';
import { matmul } from '../../src/kernels/matrix-product.js';
import { startThread } from '../../src/kernels/thread-host.js';
import { threadScript } from '../../src/kernels/thread-script.js';
import type { ThreadsOptions } from '../../src/kernels/threads.js';
import { bitsOf, startAs, threaded, until } from '../help/threads.js';
import { noise } from './twin.js';
import { type WeightCase, weightCases } from './weights.js';

const alone = Machine.open();
const base = alone.mark();
let machines: readonly Machine[];
beforeAll(async () => {
  machines = await Promise.all([2, 3, 4].map((threads) => threaded(threads)));
});
afterAll(() => {
  for (const machine of machines) machine.endThreads();
});
afterEach(() => vi.unstubAllGlobals());

const convShape = (given: Partial<ConvShape>): ConvShape => ({
  batch: 1,
  channels: 12,
  height: 13,
  width: 11,
  outputs: 10,
  groups: 1,
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
  outHeight: 13,
  outWidth: 11,
  ...given,
});

const convShapes: readonly ConvShape[] = [
  convShape({}),
  convShape({ batch: 2, channels: 70, outputs: 7 }),
  convShape({ kernel: [1, 1], pads: [0, 0, 0, 0] }),
  convShape({ kernel: [1, 1], pads: [0, 0, 0, 0], height: 7, width: 7, outHeight: 7, outWidth: 7, channels: 400 }),
  convShape({ kernel: [1, 1], pads: [0, 0, 0, 0], height: 1, width: 5, outHeight: 1, outWidth: 5 }),
  convShape({ strides: [2, 2], outHeight: 7, outWidth: 6 }),
  convShape({ groups: 12, outputs: 12 }),
  convShape({ groups: 6, outputs: 12, strides: [2, 2], outHeight: 7, outWidth: 6, batch: 2 }),
  convShape({ kernel: [5, 5], pads: [2, 2, 2, 2], height: 1, width: 2, outHeight: 1, outWidth: 2 }),
];
const linearShapes: readonly LinearShape[] = [1, 2, 7, 13, 40].flatMap((count) => [
  { count, inputs: 17, outputs: 90 },
  { count, inputs: 400, outputs: 70 },
]);

interface Kernel {
  readonly scratchBytes: number;
  run(x: number, y: number, scratch: number): void;
}

/** What comes out of a kernel; what is in its room before is spoilt. */
function outputOf(machine: Machine, bound: Kernel, x: Float32Array, count: number): number[] {
  const [at, y, scratch] = [machine.put(x), machine.allocate(4 * count), machine.allocate(bound.scratchBytes)];
  machine.bytes(scratch, bound.scratchBytes).fill(255);
  machine.bytes(y, 4 * count).fill(255);
  bound.run(at, y, scratch);
  return bitsOf(machine.floats(y, count).slice());
}

const everywhere = (make: (machine: Machine) => number[]): number[][] =>
  [alone, ...machines].map((machine) => {
    const mark = machine === alone ? base : machine.mark();
    const made = make(machine);
    machine.release(mark);
    return made;
  });

/** Undefined where the way does not fit. */
function convOutputs(way: string, shape: ConvShape, { signs = false, make }: WeightCase): number[][] | undefined {
  const { stored } = make([shape.outputs, shape.channels / shape.groups, ...shape.kernel]);
  const epilogue = { scale: noise(shape.outputs, 7), bias: noise(shape.outputs, 8), low: -0.5, high: Infinity };
  const numbers = noise(shape.batch * shape.channels * shape.height * shape.width, 9);
  const x = signs ? numbers.map(Math.sign) : numbers;
  const find = () => convChoices(stored, shape, epilogue, { signs, reducedPrecision: true }).find(({ kernel }) => kernel === way);
  if (!find()) return undefined;
  const count = shape.batch * shape.outputs * shape.outHeight * shape.outWidth;
  return everywhere((machine) => outputOf(machine, find()!.pack(machine).bind(shape), x, count));
}

function linearOutputs(way: string, shape: LinearShape, { make }: WeightCase): number[][] | undefined {
  const { stored } = make([shape.outputs, shape.inputs]);
  const epilogue = { scale: noise(shape.outputs, 7), bias: noise(shape.outputs, 8), low: -0.5, high: Infinity };
  const find = () => linearChoices(stored, shape, epilogue, { reducedPrecision: true }).find(({ kernel }) => kernel === way);
  if (!find()) return undefined;
  const x = noise(shape.count * shape.inputs, 9);
  return everywhere((machine) => outputOf(machine, find()!.pack(machine).bind(shape), x, shape.count * shape.outputs));
}

/** All are as the first, which is no constant. */
function expectSame([first, ...others]: readonly number[][]): void {
  expect(new Set(first).size).toBeGreaterThan(1);
  for (const other of others) expect(other).toEqual(first);
}

describe('1, 2, 3 and 4 threads give the same bits', () => {
  test.each(convWays.map(({ name }) => name))('by %s', (way) => {
    const tried = convShapes.flatMap((shape) => weightCases.flatMap((weight) => [convOutputs(way, shape, weight) ?? []]));
    const fit = tried.filter(({ length }) => length > 0);
    expect(fit.length).toBeGreaterThan(2);
    for (const outputs of fit) expectSame(outputs);
  });

  test.each(linearWays.map(({ name }) => name))('by %s', (way) => {
    const tried = linearShapes.flatMap((shape) => weightCases.flatMap((weight) => [linearOutputs(way, shape, weight) ?? []]));
    const fit = tried.filter(({ length }) => length > 0);
    expect(fit.length).toBeGreaterThan(2);
    for (const outputs of fit) expectSame(outputs);
  });

  test.each([false, true])('by products of activations, the second stored transposed: %s', (transposeB) => {
    const [m, k, n] = [23, 40, 17];
    const b = noise(2 * k * n, 3);
    const outputs = everywhere((machine) => {
      const at = machine.put(b);
      const { scratchBytes, run } = matmul(machine, { batch: 2, m, k, n, transposeB });
      return outputOf(machine, { scratchBytes, run: (x, y, scratch) => run(x, at, y, scratch) }, noise(2 * m * k, 4), 2 * m * n);
    });
    expectSame(outputs);
  });
});

/** Holds numbers in −0.5 … 1, in parts of at least four. */
const count = 4096;
function held(machine: Machine): Float32Array {
  const mark = machine.mark();
  const [x, y] = [machine.put(noise(count, 5)), machine.allocate(4 * count)];
  machine.floats(y, count).fill(7);
  machine.inParts(count, 4, count, ({ unary }, first, n) => unary(0, x + 4 * first, y + 4 * first, n, -0.5, 1));
  const out = machine.floats(y, count).slice();
  machine.release(mark);
  return out;
}
const expected = noise(count, 5).map((v) => Math.max(v, -0.5));

/** Whether a thread has taken part in at least one of many calls. */
async function tookPart(machine: Machine, seen: (out: Float32Array) => boolean): Promise<boolean> {
  for (let i = 0; i < 2000; i++) {
    if (seen(held(machine))) return true;
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return false;
}

describe('a thread', () => {
  test('that computes something else is seen in the results: the comparisons above see what threads do', async () => {
    const machine = await threaded(2, { start: startAs(threadScript.replace('...call.subarray(1)', '...call.subarray(1, 5), 7, 8')) });
    expect(await tookPart(machine, (out) => out.includes(7))).toBe(true);
    machine.endThreads();
    expect(held(machine)).toEqual(expected);
  });

  test('that throws leaves its part to the caller, and the others go on', async () => {
    let broken = 0;
    const bad = startAs(threadScript.replace('kernels[call[0]]', 'nothing'));
    const machine = await threaded(3, { start: (task, failed) => (broken++ === 0 ? bad : startThread)(task, failed) });
    expect(
      await tookPart(machine, (out) => {
        expect(out).toEqual(expected);
        return machine.threads === 2;
      }),
    ).toBe(true);
    expect(held(machine)).toEqual(expected);
    machine.endThreads();
  });

  test('that never comes back is ended, and its part is computed by the caller', async () => {
    const hanging = startAs(threadScript.replace('try {', 'for (;;) {}\ntry {'));
    let ended = 0;
    const start: NonNullable<ThreadsOptions['start']> = (task, failed) => {
      const end = hanging(task, failed);
      return () => {
        ended++;
        end();
      };
    };
    const machine = await threaded(2, { start, mostTurns: 100_000 });
    expect(
      await tookPart(machine, (out) => {
        expect(out).toEqual(expected);
        return machine.threads === 1 && ended === 1;
      }),
    ).toBe(true);
    expect(held(machine)).toEqual(expected);
  });

  test('that cannot be started, or ends with an error, is done without', async () => {
    const refused = Machine.openShared(
      4,
      {},
      {
        start: () => {
          throw new Error('no threads here');
        },
      },
    )!;
    expect([refused.threads, held(refused)]).toEqual([1, expected]);
    let failures = 0;
    const failing = Machine.openShared(
      2,
      {},
      {
        start: (task, failed) =>
          startAs('const work = () => { throw new Error("forbidden"); };')(task, () => {
            failures++;
            failed();
          }),
      },
    )!;
    await until(() => failures === 1);
    expect([failing.threads, held(failing)]).toEqual([1, expected]);
  });
});

test('what a kernel throws reaches the caller when no thread is at work any more', async () => {
  const machine = await threaded(3);
  const at = machine.allocate(4);
  for (let i = 0; i < 50; i++)
    expect(() =>
      machine.inParts(3, 1, 3, ({ fill }, first) => {
        if (first === 0) throw new RangeError('no');
        fill(at, 1, 0);
      }),
    ).toThrow(RangeError);
  expect(machine.threads).toBe(3);
  machine.endThreads();
});

test.each([
  ['shares no memory with threads', () => vi.stubGlobal('crossOriginIsolated', false)],
  ['has no memory to share', () => vi.stubGlobal('SharedArrayBuffer', undefined)],
])('a host that %s has one thread', (_, stub) => {
  stub();
  expect(Machine.openShared(4)).toBeUndefined();
});

test('a shared heap has the limits of any other', async () => {
  const machine = Machine.openShared(2, { maxBytes: 2 ** 20 })!;
  expect(() => machine.allocate(2 ** 20)).toThrow(expect.objectContaining({ code: 'limit.memory' }));
  expect(machine.allocate(2 ** 19)).toBeGreaterThan(0);
  expect(() => Machine.openShared(32, { maxBytes: 4096 })).toThrow(expect.objectContaining({ code: 'limit.memory' }));
  machine.endThreads();
});
