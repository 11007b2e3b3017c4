/** What lets a stranger believe a result: the error found twice, by two programs that share no code, and what each byte was spent on. */
import type { PithReport } from 'pith-runtime';
import { spendingOf, spentOn } from 'pith-runtime/spending';
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import { pithRuntime } from '../engine/pith-runtime.js';
import type { Evidence, SpentRow } from '../report/report.js';
import { type Evaluation, evaluate } from '../train/evaluate.js';
import { parametersOf } from '../train/parameters.js';
import { generous } from './limits.js';

export interface EvidenceParts {
  readonly file: Uint8Array;
  /** The file decoded to ONNX, and what ONNX Runtime made of it. */
  readonly decoded: Model;
  readonly judged: Pick<Evaluation, 'error' | 'confusion'>;
  readonly data: Dataset;
  readonly preprocess: Preprocess;
  readonly signal?: AbortSignal | undefined;
}

/** Images at a time: little memory, and the kernels are busy. */
const batch = 100;

/** Throws `interrupted.cancelled`. A model that pith-runtime does not run is no error: it is said. */
export async function evidenceOf({ file, decoded, judged, data, preprocess, signal }: EvidenceParts): Promise<Evidence> {
  const runtime = await evaluate({ engine: pithRuntime(file), model: decoded, split: data.test, preprocess, batch, signal }).catch(
    (error: unknown) => {
      if (error instanceof PithError && error.kind === 'unsupported') return error.message;
      throw error;
    },
  );
  const told = typeof runtime === 'string' ? { refused: runtime } : { error: runtime.error };
  return {
    runtime: told,
    apart: typeof runtime === 'string' ? null : movedBetween(judged.confusion, runtime.confusion),
    confusion: judged.confusion,
    spent: spentRows(file, decoded),
  };
}

/** Images that are counted in another place, at the least. */
function movedBetween(a: Evaluation['confusion'], b: Evaluation['confusion']): number {
  let sum = 0;
  for (let row = 0; row < Math.max(a.length, b.length); row++)
    for (let column = 0; column < Math.max(a[row]?.length ?? 0, b[row]?.length ?? 0); column++)
      sum += Math.abs((a[row]?.[column] ?? 0) - (b[row]?.[column] ?? 0));
  return sum / 2;
}

/** They add up to the file. Biases and normalizations are counted whole, all else by what the bits tell. */
function spentRows(file: Uint8Array, decoded: Model): SpentRow[] {
  const { report, tensors } = spendingOf(file, generous);
  const roles = new Map(parametersOf(decoded).map(({ name, role }) => [name, role]));
  const bytes = new Map<string, number>();
  const add = (name: string, more: number): void => void bytes.set(name, (bytes.get(name) ?? 0) + more);
  for (const section of report.sections) if (section.kind !== 'tensors') add(section.kind, section.bytes);
  for (const { name, spent } of tensors) {
    const role = roles.get(name);
    const whole = role === 'bias' ? 'biases' : role === 'normalization' || role === 'statistic' ? 'normalization' : undefined;
    for (const what of spentOn) add(whole ?? what, spent[what]);
  }
  add('framing', remainder(report));
  return [...bytes].filter(([, count]) => count > 1e-6).map(([name, count]) => ({ name, bytes: count }));
}

/** What stands around the tensors in their sections. */
const remainder = ({ sections, tensors }: PithReport): number =>
  sections.reduce((sum, { kind, bytes }) => sum + (kind === 'tensors' ? bytes : 0), 0) - tensors.reduce((sum, { bytes }) => sum + bytes, 0);
