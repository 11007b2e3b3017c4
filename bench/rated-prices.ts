/**
 * How near the prices that `--recipe rated` trains against are to what the coder takes: single weights of a file are made zero, single zeros
 * made one or minus one, the file is coded again, and the difference in bits is set against the price of that weight.
 *
 *   npm run build && node bench/run.mjs rated-prices m.pith [m2.pith …] [--entries 100]
 *
 * Writes bench/results/rated-prices.json and rated-prices.md.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Random } from '../packages/pith/dist/base/random.js';
import { parametersOf } from '../packages/pith/dist/train/parameters.js';
import { pricesOf } from '../packages/pith/dist/train/rate/prices.js';
import { shapesOf } from '../packages/pith/dist/train/rate/shape.js';
import { type PithFile, readPith, type StoredTensor, toModel, type UniformStored, writePith } from '../packages/runtime/dist/index.js';
import { machine, markdown, writeResults } from './support/results.js';

const { values, positionals } = parseArgs({ options: { entries: { type: 'string', default: '100' } }, allowPositionals: true });
/** Prices are held in 0.5 … 15; where one is held it does not mean the bits. */
const most = 15;

/** Bits of all tensors, with their fraction. */
function bitsOf({ model }: PithFile, stored: ReadonlyMap<string, StoredTensor>): number {
  const { report } = readPith(writePith({ model, stored, coder: 'mix' }).bytes);
  return 8 * report.tensors.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface Pair {
  readonly taken: number;
  readonly price: number;
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** Means, and the correlation. */
function summary(pairs: readonly Pair[]) {
  const [taken, price] = [pairs.map((p) => p.taken), pairs.map((p) => p.price)];
  const [t, p] = [mean(taken), mean(price)];
  const [tt, pp] = [mean(taken.map((x) => (x - t) ** 2)), mean(price.map((x) => (x - p) ** 2))];
  const tp = mean(pairs.map((x) => (x.taken - t) * (x.price - p)));
  return { entries: pairs.length, taken: t, price: p, correlation: tp / Math.sqrt(tt * pp) };
}

function compared(file: PithFile, name: string, tensor: UniformStored, imageWidth: number | undefined) {
  const [rows, columns, positions] = [tensor.view.rows, tensor.view.columns, tensor.view.positions];
  const shape = { rows, columns, positions, imageWidth };
  const levels = Int32Array.from(tensor.levels);
  const random = Random.of(7, name);
  const shadow = levels.map((q) => q || (random.below(2) === 0 ? 1 : -1));
  const { leave } = pricesOf(levels, shadow, shape);
  const before = bitsOf(file, file.tensors);
  const flipped = (at: number, level: number): number => {
    const changed = levels.slice();
    changed[at] = level;
    const more = bitsOf(file, new Map(file.tensors).set(name, { ...tensor, levels: changed })) - before;
    return level === 0 ? -more : more;
  };
  const some = (wanted: (at: number) => boolean, level: (at: number) => number): Pair[] => {
    const all = [...levels.keys()].filter(wanted);
    return Array.from({ length: Math.min(all.length, Number(values.entries)) }, () => {
      const at = all[random.below(all.length)]!;
      return { taken: flipped(at, level(at)), price: leave[at]! };
    });
  };
  return {
    network: file.model.graph.name,
    bytes: file.report.bytes,
    tensor: name,
    shape: [rows, columns, positions],
    ones: summary(
      some(
        (at) => Math.abs(levels[at]!) === 1,
        () => 0,
      ),
    ),
    zeros: summary(
      some(
        (at) => levels[at] === 0 && leave[at]! < most,
        (at) => shadow[at]!,
      ),
    ),
  };
}

async function main(): Promise<void> {
  if (positionals.length === 0) throw new Error('name .pith files of `--recipe rated`');
  const rows: ReturnType<typeof compared>[] = [];
  for (const path of positionals) {
    const file = readPith(new Uint8Array(await readFile(path)));
    const model = toModel(file);
    const shapes = shapesOf(model, parametersOf(model));
    for (const [name, tensor] of file.tensors)
      if (tensor.kind === 'uniform' && tensor.view.rows > 1) rows.push(compared(file, name, tensor, shapes.get(name)?.imageWidth));
  }
  const table = markdown(
    ['file', 'weights', 'rows × columns × positions', 'ones: bits', 'price', 'correlation', 'zeros: bits', 'price', 'correlation'],
    rows.map(({ network, bytes, tensor, shape, ones, zeros }) => [
      `${network}, ${bytes} bytes`,
      tensor,
      shape.join(' × '),
      ...[ones, zeros].flatMap((s) => [s.taken.toFixed(2), s.price.toFixed(2), s.correlation.toFixed(2)]),
    ]),
  );
  await writeResults('rated-prices', { machine: machine(), rows }, table);
}

await main();
