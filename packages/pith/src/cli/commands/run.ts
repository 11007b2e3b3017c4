/** `pith run`: what a model says to one input: the top classes, or every output in a file. */
import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import { PithError } from '../../base/errors.js';
import { writeAtomic } from '../../base/files.js';
import { sizeOf, type Tensor } from '../../base/tensor.js';
import { nestedOf } from '../../data/nested.js';
import { type everyKind, formatNpy } from '../../data/sources/npy.js';
import type { InferResult } from '../../library/infer.js';
import { formatNumber, formatPercent } from '../../report/format.js';
import { textTable } from '../../report/text-table.js';
import type { CommandSpec } from '../command.js';
import { preprocessOptions, wholeNumber, withPixels } from '../options.js';
import { refuseOverwrite } from '../paths.js';

interface Flags {
  readonly output?: string;
  readonly top: number;
  readonly labels?: string;
  readonly engine?: 'onnxruntime' | 'pith';
  readonly threads: number;
  readonly allowReducedPrecision?: boolean;
}

export const runCommand: CommandSpec = {
  name: 'run',
  summary: 'run a model on one input: a picture, an array or JSON',
  help: `Pictures become numbers as the model's metadata say, or as the options do. JSON is an array as nested lists, or an object with one for each
input. Outputs that look like classes are shown with the softmax of their scores.

  pith run model.pith cat.jpg --labels classes.txt
  pith run model.pith batch.npy -o logits.npy
  pith run model.pith inputs.json -o outputs.json`,
  words: (c) =>
    withPixels(
      c
        .argument('<model>', 'an ONNX or .pith file')
        .argument('<input>', 'a .png, .jpg, .webp, .npy or .json file, or a folder of pictures')
        .option('-o, --output <file>', 'save the outputs: .json, or .npy where there is one')
        .option('--top <n>', 'classes that are shown', wholeNumber(1, 1000), 5)
        .option('--labels <file>', 'names of the classes, one in each line'),
    )
      .addOption(new Option('--engine <name>', 'what runs the model (pith for .pith files)').choices(['onnxruntime', 'pith']))
      .option('--threads <n>', 'threads of onnxruntime; 0: one for each core', wholeNumber(0, 1024), 0)
      .option('--allow-reduced-precision', 'pith-runtime may round beyond float32 where it is faster for it'),
  async action([model, input], given, { show, signal }) {
    const { output, top, labels, engine, threads, allowReducedPrecision = false } = given as unknown as Flags;
    if (output !== undefined) await refuseOverwrite(output, model!, input!);
    const names = labels === undefined ? undefined : await namesIn(labels);
    show('running');
    const { infer } = await import('../../library/infer.js');
    const preprocess = preprocessOptions(given);
    const result = await infer({
      model: model!,
      input: input!,
      preprocess,
      threads,
      allowReducedPrecision,
      signal,
      ...(engine && { engine }),
    });
    if (output !== undefined) await save(output, result.outputs);
    const outputs = [...result.outputs].map(([name, tensor]) => about(name, tensor, top, names));
    const { loadSeconds, runSeconds } = result;
    return {
      text: textOf(outputs, result, output),
      json: { model, input, engine: result.engine, loadSeconds, runSeconds, ...(output !== undefined && { output }), outputs },
    };
  },
};

async function namesIn(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PithError('input.file', { at: { file }, expected: 'a file that can be read', got: String(cause) }, { cause });
  });
  return text.trimEnd().split(/\r?\n/);
}

interface Ranked {
  readonly class: number;
  readonly name?: string;
  readonly score: number;
  /** Softmax over the scores, or the score itself where the scores are probabilities. */
  readonly probability: number;
}

interface About {
  readonly name: string;
  readonly dtype: string;
  readonly dims: readonly number[];
  /** For each sample the classes with the highest scores. */
  readonly top?: readonly (readonly Ranked[])[];
  readonly least: number;
  readonly most: number;
}

function about(name: string, { dtype, dims, data }: Tensor, top: number, names: readonly string[] | undefined): About {
  const values = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const classes = dims.length === 2 && dims[1]! > 1 && (dtype === 'float32' || dtype === 'float64') ? dims[1]! : 0;
  const ranked = Array.from({ length: classes > 0 ? dims[0]! : 0 }, (_, n) =>
    rankedOf(values.subarray(n * classes, (n + 1) * classes), top, names),
  );
  return { name, dtype, dims, ...(classes > 0 && { top: ranked }), least, most };
}

function rankedOf(scores: Float64Array, top: number, names: readonly string[] | undefined): Ranked[] {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  const highest = scores[order[0]!]!;
  const whole = scores.reduce((sum, x) => sum + x, 0);
  const already = Math.abs(whole - 1) < 1e-3 && scores.every((x) => x >= 0);
  const total = scores.reduce((sum, x) => sum + Math.exp(x - highest), 0);
  return order.slice(0, top).map((at) => ({
    class: at,
    ...(names?.[at] !== undefined && { name: names[at] }),
    score: scores[at]!,
    probability: already ? scores[at]! : Math.exp(scores[at]! - highest) / total,
  }));
}

/** More samples are found in the file, or under --json. */
const shownSamples = 8;

function textOf(outputs: readonly About[], { engine, loadSeconds, runSeconds }: InferResult, saved: string | undefined): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const parts = outputs.flatMap(({ name, dims, top, least, most }) => {
    const head = `${name} [${dims.join(', ')}]`;
    if (!top) return [`${head}: ${formatNumber(least, 4)} … ${formatNumber(most, 4)}`];
    const tables = top.slice(0, shownSamples).map((rows) =>
      textTable({
        columns: [{ title: 'class', align: 'left' }, right('score'), right('probability')],
        rows: rows.map((row) => [row.name ?? String(row.class), formatNumber(row.score, 4), formatPercent(row.probability)]),
      }),
    );
    return [head, ...tables, ...(top.length > shownSamples ? [`and ${top.length - shownSamples} more samples`] : [])];
  });
  const milliseconds = (seconds: number): string => `${formatNumber(1000 * seconds, 1)} ms`;
  const times = `loaded in ${milliseconds(loadSeconds)}, run in ${milliseconds(runSeconds)} by ${engine === 'pith' ? 'pith-runtime' : 'ONNX Runtime'}`;
  return [...parts, times, ...(saved === undefined ? [] : [`saved: ${saved}`])].join('\n\n');
}

async function save(path: string, outputs: ReadonlyMap<string, Tensor>): Promise<void> {
  const [only, ...others] = [...outputs.values()];
  if (/\.json$/i.test(path)) {
    const nested = Object.fromEntries([...outputs].map(([name, { dims, data }]) => [name, nestedOf(dims, data)]));
    return writeAtomic(path, new TextEncoder().encode(`${JSON.stringify(nested)}\n`));
  }
  if (!/\.npy$/i.test(path) || !only || others.length > 0)
    throw new PithError('usage.output', {
      at: { file: path },
      expected: others.length > 0 ? 'a .json file for several outputs' : 'a .json or .npy file',
      got: path,
    });
  return writeAtomic(path, formatNpy({ kind: kindOf(only), dims: only.dims, data: only.data }));
}

const kinds: Readonly<Record<string, (typeof everyKind)[number]>> = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  int64: '<i8',
  int32: '<i4',
  int16: '<i2',
  int8: '|i1',
  uint64: '<u8',
  uint32: '<u4',
  uint16: '<u2',
  uint8: '|u1',
  bool: '|b1',
};

function kindOf({ dtype, dims }: Tensor): (typeof everyKind)[number] {
  const kind = kinds[dtype];
  if (kind) return kind;
  throw new PithError('unsupported.npy', {
    expected: 'a type that NumPy has',
    got: `${dtype} of ${sizeOf(dims)} elements`,
    fix: 'save as .json',
  });
}
