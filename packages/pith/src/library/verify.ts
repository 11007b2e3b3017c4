/** Whether a squeezed file still is the model that it was made of: checksums, interface, integers, and outputs side by side. Node only. */
import { checkKeys, checkOption, isBetween } from '../base/options.js';
import type { Samples } from '../calibrate/samples.js';
import type { Preprocess } from '../data/preprocess.js';
import { nodeHost } from '../engine/node-host.js';
import { formatBytes } from '../report/format.js';
import { formatCosine, worstCosine } from '../report/squeeze-build.js';
import { compareModels, type Fidelity } from '../squeeze/fidelity.js';
import { brokenBelow } from '../squeeze/targets.js';
import { type Difference, difference } from './diff.js';
import { inModel, type ModelSource, type OpenedModel, openModel } from './model-source.js';
import { openSamples } from './squeeze-data.js';

export interface VerifyOptions {
  /** The original. */
  readonly model: ModelSource;
  /** What was made of it: a .pith file, or an ONNX file. */
  readonly file: ModelSource;
  /** Least cosine of each output; 0.9 unless said, below which a file is broken. */
  readonly minFidelity?: number;
  /** Whether every bit of every tensor must be the same; nothing is run then. */
  readonly lossless?: boolean;
  /** Inputs of your own, unlabelled, as for `squeeze`; generated ones unless said. */
  readonly calibrate?: string | Samples;
  readonly preprocess?: Partial<Preprocess>;
  readonly perLayer?: boolean;
  readonly seed?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Check {
  readonly name: 'file' | 'interface' | 'source' | 'tensors' | 'fidelity';
  readonly ok: boolean;
  readonly found: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** Null where nothing was run. */
  readonly fidelity: Fidelity | null;
}

const keys = {
  model: 1,
  file: 1,
  minFidelity: 1,
  lossless: 1,
  calibrate: 1,
  preprocess: 1,
  perLayer: 1,
  seed: 1,
  threads: 1,
  signal: 1,
  onProgress: 1,
} as const;

/** Throws what opening the files throws (`input.pith-*` for a damaged one), and what the engine throws. A check that fails is no error. */
export async function verify(options: VerifyOptions): Promise<Verification> {
  checkKeys('verify', options, keys);
  const { minFidelity = brokenBelow, lossless = false } = options;
  checkOption('minFidelity', 'a cosine above 0, at most 1', minFidelity, isBetween(minFidelity, Number.MIN_VALUE, 1));
  const original = await openModel(options.model);
  const made = await openModel(options.file);
  const changes = difference(original, made);
  const checks = [fileCheck(made), sourceCheck(original, made), interfaceCheck(changes), tensorCheck(changes, lossless)];
  const runs = !lossless && checks.every(({ ok }) => ok);
  const fidelity = runs ? await measured(options, original, made) : null;
  const all = fidelity ? [...checks, fidelityCheck(fidelity, minFidelity)] : checks;
  return { ok: all.every(({ ok }) => ok), checks: all, fidelity };
}

/** Opening has looked at every checksum. */
function fileCheck({ format, pith, bytes }: OpenedModel): Check {
  const found = pith
    ? `${pith.report.tensors.length} tensors in ${pith.report.sections.length} sections, every digest right`
    : `${format}, ${formatBytes(bytes)}`;
  return { name: 'file', ok: true, found };
}

/** Whoever made the file from an older version of the model finds out here. */
function sourceCheck({ hash }: OpenedModel, { pith }: OpenedModel): Check {
  const source = pith?.metadata.get('source');
  const found =
    source === undefined
      ? 'the file does not say what it was made of'
      : hash.startsWith(source) && source.length >= 32
        ? 'made of this very model'
        : 'made of another file';
  return { name: 'source', ok: true, found };
}

/** Inputs, outputs, opset and metadata. */
function interfaceCheck({ facts }: Difference): Check {
  const wrong = facts.filter(({ what }) => !what.startsWith('producer') && what !== 'ir version');
  const list = wrong.map(({ what, a, b }) => `${what}: ${a} → ${b}`).join('; ');
  return { name: 'interface', ok: wrong.length === 0, found: list || 'inputs, outputs, opset and metadata are the same' };
}

const floats = new Set(['float16', 'bfloat16', 'float32', 'float64']);

/** Whole numbers never change; floats may, unless every bit is asked for. */
function tensorCheck({ tensors, sameTensors }: Difference, lossless: boolean): Check {
  const wrong = tensors.filter(({ change, a }) => lossless || (change === 'values' && a !== undefined && !floats.has(a.dtype)));
  const names = wrong
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ');
  if (wrong.length > 0)
    return { name: 'tensors', ok: false, found: `${wrong.length} that must be the same are not: ${names}${wrong.length > 3 ? ' …' : ''}` };
  const count = (...changes: readonly Difference['tensors'][number]['change'][]): number =>
    tensors.filter(({ change }) => changes.includes(change)).length;
  const gone = count('removed');
  const found = `${sameTensors} the same bit for bit, ${count('values', 'type', 'added')} changed${gone > 0 ? `, ${gone} gone` : ''}`;
  return { name: 'tensors', ok: true, found };
}

async function measured(options: VerifyOptions, { model: a }: OpenedModel, { model: b }: OpenedModel): Promise<Fidelity> {
  const { model, calibrate, preprocess, perLayer = false, seed = 7, threads = 0, signal, onProgress } = options;
  const { measured: samples } = await openSamples(a, {
    calibrate,
    preprocess,
    effort: 0,
    seed,
    threads,
    signal,
    onProgress: () => undefined,
  });
  const { engine } = nodeHost({ threads });
  return inModel(model, () => compareModels({ engine, threads, a, b, samples, perLayer, signal, onProgress }));
}

function fidelityCheck(fidelity: Fidelity, least: number): Check {
  const worst = worstCosine(fidelity);
  const broken = fidelity.outputs.find((output) => output.broken !== undefined);
  const found = broken?.broken ? `${broken.name}: ${broken.broken}` : `cosine ${formatCosine(worst)} on ${fidelity.samples} inputs`;
  return { name: 'fidelity', ok: worst >= least, found: worst >= least ? found : `${found}, at least ${least} is asked for` };
}
