/** The report of a squeeze as plain text for a terminal: one line that says it all, targets, fidelity, and tables for who asks. */

import type { SqueezeEstimate } from '../squeeze/estimate.js';
import type { Fidelity } from '../squeeze/fidelity.js';
import {
  formatBytes,
  formatCount,
  formatDims,
  formatNumber,
  formatPercent,
  formatRatio,
  formatSeconds,
  printable,
  shorten,
} from './format.js';
import { formatCosine, worstCosine } from './squeeze-build.js';
import type { SqueezedTensor, SqueezeReport } from './squeeze-report.js';
import { textTable } from './text-table.js';

/** `1.1 MB → 91.5 kB`, `11.8×`, `2.71 bits per weight`, `fidelity 0.9974`, `8.2 s`. */
export function squeezeHeadlineParts({ source, file, weights, bitsPerWeight, fidelity, seconds }: SqueezeReport): string[] {
  return [
    `${formatBytes(source.bytes)} → ${formatBytes(file.bytes)}`,
    formatRatio(source.bytes / file.bytes),
    ...(weights === 0 ? [] : [`${formatNumber(bitsPerWeight, 2)} bits per weight`]),
    fidelity ? `fidelity ${formatCosine(worstCosine(fidelity))}` : 'every bit kept',
    formatSeconds(seconds),
  ];
}

/** What a comparison was made on. */
export const origins = {
  given: 'inputs that were given',
  distilled: 'inputs made to match its batch norms',
  noise: 'generated inputs',
} as const;

/** What `pith squeeze` prints about a result. Ends without a line break. */
export function squeezeText(report: SqueezeReport): string {
  const { network, targets, error, fidelity } = report;
  const met = targets.map(
    ({ name, wanted, got, met: holds }) => `${holds ? 'met:    ' : 'NOT MET:'} ${name}, wanted ${wanted}, got ${got}`,
  );
  return [
    `${shorten(printable(network), 60)}: ${squeezeHeadlineParts(report).join(' · ')}`,
    ...met,
    ...(error
      ? [`top-1 error ${formatPercent(error.before)} → ${formatPercent(error.after)} on ${formatCount(error.count)} test images`]
      : []),
    ...(fidelity ? ['', outputsText(fidelity)] : []),
  ].join('\n');
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

/** How near each output is, and on what it was measured. */
export function outputsText({ outputs, samples, origin }: Fidelity): string {
  const table = textTable({
    columns: [left('output'), right('cosine'), right('relative error'), right('largest change'), right('top-1 agreement')],
    rows: outputs.map(({ name, cosine, error, maxAbs, agreement }) => [
      name,
      formatCosine(cosine),
      formatNumber(error, 5),
      maxAbs.toPrecision(3),
      agreement === undefined ? '' : formatPercent(agreement, 1),
    ]),
  });
  return `Original and decoded file side by side on ${samples} ${origins[origin]}:\n${table}`;
}

/** For `--per-layer`: how near each layer's output is. Empty where it was not measured. */
export function layersText({ layers }: Fidelity): string {
  if (!layers) return '';
  return textTable({
    columns: [left('layer'), right('cosine'), right('relative error')],
    rows: layers.map(({ name, cosine, error }) => [name, formatCosine(cosine), formatNumber(error, 5)]),
  });
}

/** For `--dry-run`. */
export function planText({ network, bytes, weights, plan, batchNorms, seconds, memoryBytes }: PlannedSqueeze): string {
  const tensors = plan.map((row) => ({ ...row, dtype: row.dtype ?? 'other', bytes: 0 }));
  const methods = new Map<string, number>();
  for (const { method, elements } of plan) methods.set(method, (methods.get(method) ?? 0) + elements);
  const shares = [...methods].map(([method, count]) => `${method} ${formatCount(count)}`).join(', ');
  return [
    explainText({ tensors, batchNorms: { folded: batchNorms.folded.length, refused: batchNorms.refused } }),
    '',
    `${shorten(printable(network), 60)}: ${formatBytes(bytes)}, ${formatCount(weights)} weights (${shares})`,
    `about ${formatSeconds(seconds.preparing)} to prepare, ${formatSeconds(seconds.eachRound)} for each round (one without a target, else three to six)`,
    `about ${formatBytes(memoryBytes)} of memory`,
  ].join('\n');
}

/** What `planSqueeze` gives. */
interface PlannedSqueeze extends SqueezeEstimate {
  readonly network: string;
  readonly bytes: number;
  readonly weights: number;
}

/** For `--explain`: what became of each tensor, and why. */
export function explainText({ tensors, batchNorms }: Explained): string {
  const table = textTable({
    columns: [left('tensor'), left('shape'), left('method'), right('bytes'), right('bits'), left('why')],
    rows: tensors.map((t) => [
      shorten(printable(t.name), 40),
      `${t.dtype} ${formatDims(t.dims)}`,
      t.method,
      t.bytes === 0 ? '' : formatCount(t.bytes),
      bitsOf(t),
      t.because,
    ]),
  });
  const folded = batchNorms.folded > 0 ? [`${batchNorms.folded} batch normalizations were folded into the layers beside them.`] : [];
  const refused = batchNorms.refused.map(({ node, why }) => printable(`batch normalization ${node} stays: ${why}`));
  return [table, ...folded, ...refused].join('\n');
}

interface Explained extends Pick<SqueezeReport, 'batchNorms'> {
  /** Bytes are 0 where they are not known yet. */
  readonly tensors: readonly Pick<SqueezedTensor, 'name' | 'dtype' | 'dims' | 'elements' | 'method' | 'because' | 'bytes'>[];
}

const bitsOf = ({ bytes, elements }: Pick<SqueezedTensor, 'bytes' | 'elements'>): string =>
  elements === 0 || bytes === 0 ? '' : formatNumber((8 * bytes) / elements, 2);
