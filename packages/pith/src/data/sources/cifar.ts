/**
 * CIFAR-10 and CIFAR-100 in their binary form (Krizhevsky): records of one label byte (CIFAR-100: coarse, then fine) and 3,072 bytes, the
 * planes of red, green and blue. Class names come from the text file beside them, in its order.
 */
import { PithError } from '../../base/errors.js';
import { checkDataset, type Split } from '../dataset.js';
import { fileOf, readUnzipped, sharedBytes, type Tree, tooLarge } from '../tree.js';
import type { Source } from './source.js';

const PIXELS = 3 * 32 * 32;

interface Form {
  readonly name: string;
  readonly train: RegExp;
  readonly test: string;
  readonly names: string;
  /** Bytes before the pixels; the last of them is the label. */
  readonly head: number;
}

const forms: readonly Form[] = [
  { name: 'cifar-10', train: /^data_batch_\d+\.bin$/, test: 'test_batch.bin', names: 'batches.meta.txt', head: 1 },
  { name: 'cifar-100', train: /^train\.bin$/, test: 'test.bin', names: 'fine_label_names.txt', head: 2 },
];

const formOf = (tree: Tree): Form | undefined => forms.find((form) => tree.paths.some((path) => form.train.test(path)));

export const cifar: Source = {
  name: 'cifar',
  holds: 'data_batch_1.bin …, test_batch.bin, batches.meta.txt (CIFAR-10 binary); train.bin, test.bin, fine_label_names.txt (CIFAR-100)',
  slow: false,
  matches: (tree) => formOf(tree) !== undefined,
  open: async (tree, { maxBytes }) => {
    const form = formOf(tree)!;
    for (const needed of [form.test, form.names])
      if (!tree.paths.includes(needed))
        throw new PithError('input.file-missing', {
          at: { file: tree.name },
          expected: needed,
          got: tree.paths.slice(0, 8).join(', '),
          fix: 'unpack the whole archive into one folder',
        });
    const number = (path: string) => Number(/\d+/.exec(path)?.[0] ?? 0);
    const batches = tree.paths.filter((path) => form.train.test(path)).sort((a, b) => number(a) - number(b));
    const classes = new TextDecoder()
      .decode(await tree.read(form.names))
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
    const train = await readRecords(tree, batches, form, maxBytes);
    const test = await readRecords(tree, [form.test], form, maxBytes);
    return checkDataset(
      { name: form.name, classes, train, test },
      { train: fileOf(tree, batches.join(' + ')), test: fileOf(tree, form.test) },
    );
  },
};

async function readRecords(tree: Tree, paths: readonly string[], { head }: Form, maxBytes: number): Promise<Split> {
  const record = head + PIXELS;
  const files: Uint8Array[] = [];
  let count = 0;
  for (const path of paths) {
    const bytes = await readUnzipped(tree, path, maxBytes);
    if (bytes.length % record !== 0)
      throw new PithError('input.cifar', {
        at: { file: fileOf(tree, path) },
        expected: `a whole number of records of ${record} bytes`,
        got: `${bytes.length} bytes`,
        fix: 'the file was cut short: fetch it again',
      });
    files.push(bytes);
    count += bytes.length / record;
    if (count * record > maxBytes) throw tooLarge(fileOf(tree, path), count * record, maxBytes);
  }
  const images = sharedBytes(count * PIXELS);
  const labels = new Uint16Array(count);
  let n = 0;
  for (const bytes of files)
    for (let at = 0; at < bytes.length; at += record, n++) {
      labels[n] = bytes[at + head - 1]!;
      images.set(bytes.subarray(at + head, at + record), n * PIXELS);
    }
  return { images, count, channels: 3, height: 32, width: 32, labels };
}
