/** One layer by a kernel and by the rival, in turns: first whether both agree, then the medians of their times. */
import type { StoredTensor } from '../../packages/runtime/dist/index.js';
import type { Choice, ConvShape, LinearShape } from '../../packages/runtime/dist/kernels/choice.js';
import { convChoices } from '../../packages/runtime/dist/kernels/conv-choices.js';
import { linearChoices } from '../../packages/runtime/dist/kernels/linear-choices.js';
import { Machine } from '../../packages/runtime/dist/kernels/machine.js';
import { inputDims, openRival, outputDims, weightDims } from './rival.js';
import type { Case } from './shapes.js';

/** Copies of a layer, each with weights of its own. */
const copies = 4;
/** Microseconds. */
const warmUp = 400_000;

export interface Measured {
  readonly kernel: string;
  readonly microseconds: number;
  readonly estimate: number;
  readonly rival: number;
  readonly ratio: number;
  /** The same of the quickest rounds of both. */
  readonly quickest: number;
  /** Largest difference from the rival, over the largest output. */
  readonly error: number;
  readonly multiplyAdds: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Milliseconds of each side in a round. */
  readonly slice: number;
  /** Only this kernel; otherwise the one whose estimate is least. */
  readonly kernel?: string;
  /** What is stored of the weight with a seed: its dense values go to the rival. */
  readonly weight: (dims: readonly number[], seed: number) => { stored: StoredTensor; dense: Float32Array };
  /** Activations are −1 and 1, and known to be. */
  readonly signs?: boolean;
}

export function noise(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const choicesOf = (of: Case, stored: StoredTensor, bias: Float32Array, signs: boolean, reducedPrecision: boolean): Choice<never>[] => {
  const epilogue = { bias, low: -Infinity, high: Infinity };
  const found: Choice<ConvShape>[] | Choice<LinearShape>[] =
    'linear' in of
      ? linearChoices(stored, of.linear, epilogue, { reducedPrecision })
      : convChoices(stored, of.conv, epilogue, { signs, reducedPrecision });
  return found as Choice<never>[];
};

export async function measure(of: Case, { rounds, slice, kernel, weight, signs = false }: MeasureOptions): Promise<Measured> {
  const numbers = noise(product(inputDims(of)), 1);
  const x = signs ? numbers.map((v) => (v < 0 ? -1 : 1)) : numbers;
  const outputs = product(outputDims(of));
  const bias = noise(weightDims(of)[0]!, 2);
  const weights = Array.from({ length: copies }, (_, i) => weight(weightDims(of), 10 + i));
  const machine = Machine.open();
  const choices = weights.map(({ stored }) => {
    const fitting = choicesOf(of, stored, bias, signs, kernel === 'conv-integer').filter((c) =>
      kernel === undefined ? c.exact : c.kernel === kernel,
    );
    return fitting.reduce((a, b) => (b.nanoseconds < a.nanoseconds ? b : a));
  });
  const bound = choices.map((choice) => choice.pack(machine).bind(('linear' in of ? of.linear : of.conv) as never));
  const [at, y] = [machine.put(x), machine.allocate(4 * outputs)];
  const scratch = machine.allocate(Math.max(...bound.map((b) => b.scratchBytes)));
  const ours = (): void => {
    for (const each of bound) each.run(at, y, scratch);
  };

  const dense = weights.map((w) => w.dense);
  const single = await openRival(of, dense.slice(0, 1), bias, x, false);
  const expected = await single.run();
  await single.close();
  bound[0]!.run(at, y, scratch);
  const actual = machine.floats(y, outputs);
  let [error, largest] = [0, 0];
  for (let i = 0; i < outputs; i++) {
    error = Math.max(error, Math.abs(actual[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  const rival = await openRival(of, dense, bias, x, true);
  // processor time: other work on the machine stretches the time on the wall
  const clock = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const many = async (run: () => unknown, times: number): Promise<number> => {
    const began = clock();
    for (let i = 0; i < times; i++) await run();
    return (clock() - began) / times;
  };
  const times: { ours: number; rival: number }[] = [];
  // the engine needs a while until it has compiled both for speed
  for (const began = clock(); clock() - began < warmUp; ) {
    await many(ours, Math.ceil((slice * 500) / (await many(ours, 1))));
    await rival.run();
  }
  const [oursTimes, rivalTimes] = [
    Math.ceil((slice * 1000) / (await many(ours, 3))),
    Math.ceil((slice * 1000) / (await many(rival.run, 3))),
  ];
  for (let round = 0; round < rounds; round++)
    times.push({ ours: (await many(ours, oursTimes)) / copies, rival: (await many(rival.run, rivalTimes)) / copies });
  await rival.close();
  const [chosen] = choices;
  return {
    kernel: chosen!.kernel,
    microseconds: median(times.map((t) => t.ours)),
    estimate: chosen!.nanoseconds / 1000,
    rival: median(times.map((t) => t.rival)),
    ratio: median(times.map((t) => t.rival / t.ours)),
    quickest: Math.min(...times.map((t) => t.rival)) / Math.min(...times.map((t) => t.ours)),
    error: error / largest,
    multiplyAdds: chosen!.multiplyAdds,
  };
}
