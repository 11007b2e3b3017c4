/** Makes the report of a compression from what was measured while it ran. Pure: no file is read, nothing is run. */
import { csrBytes, type PithReport, type TensorSize } from 'pith-runtime';
import { type Model, sizeOf } from '../base/tensor.js';
import { costIfKnown } from '../cost/cost.js';
import type { Dataset } from '../data/dataset.js';
import { parametrizationOf, type WeightState } from '../parametrization/list.js';
import type { Compressed } from '../recipe/compress.js';
import type { StepRecord } from '../recipe/runner.js';
import type { Targets } from '../recipe/targets.js';
import { countParameters, isWeight, type Parameter, parametersOf } from '../train/parameters.js';
import { formatCount, formatRatio } from './format.js';
import type { Evidence, FrontierRow, LayerRow, PointRow, Report } from './report.js';

export interface ReportSource {
  readonly network: string;
  readonly model: Model;
  readonly data: Dataset;
  readonly compressed: Compressed;
  /** Weights of each layer before sharing, where the run has them. */
  readonly pruned: ReadonlyMap<string, WeightState>;
  readonly evidence: Evidence;
  /** Where a whole curve was asked for. */
  readonly frontier?: readonly FrontierRow[] | undefined;
  readonly recipe: unknown;
  readonly targets: Targets;
  readonly seed: number;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly sourceHash: string;
  readonly fileHash: string;
}

const bins = 64;

export function buildReport(source: ReportSource): Report {
  const { compressed, model, data } = source;
  const { run, file, decodedError } = compressed;
  const chosen = run.records[run.chosen];
  const layers = layerRows(model, compressed, source.pruned);
  const parameters = countParameters(model);
  const original = 4 * parameters;
  const overhead = file.report.bytes - layers.reduce((sum, l) => sum + l.bytes.coded, 0);
  const total = (of: (l: LayerRow) => number): number => Math.round(layers.reduce((sum, l) => sum + of(l), overhead));
  return {
    pithReport: 1,
    network: source.network,
    data: { name: data.name, train: data.train.count, test: data.test.count, classes: data.classes },
    recipe: source.recipe,
    seed: source.seed,
    command: source.command,
    versions: source.versions,
    parameters,
    error: { reference: run.reference.error, compressed: chosen?.error ?? run.reference.error, decoded: decodedError },
    bytes: { original, pruned: total((l) => l.bytes.pruned), shared: total((l) => l.bytes.shared), file: file.bytes.length },
    sections: sectionsOf(file.report),
    evidence: source.evidence,
    layers,
    points: pointRows(run.reference, run.records),
    ...(source.frontier && { frontier: source.frontier }),
    curves: run.records.filter((r) => r.epochs.length > 0).map((r) => ({ step: r.index, use: r.use, epochs: r.epochs })),
    seconds: run.records.reduce((sum, r) => sum + r.seconds, 0),
    sourceHash: source.sourceHash,
    fileHash: source.fileHash,
    targets: targetRows(source.targets, compressed, original),
  };
}

const sectionsOf = (report: PithReport): Report['sections'] => [
  ...report.sections.filter((s) => s.kind !== 'tensors').map(({ kind, bytes }) => ({ name: kind, bytes })),
  ...report.tensors.map(({ name, bytes }) => ({ name, bytes })),
  ...remainder(report),
];

/** What the tensors sections hold beside the tensors themselves. */
function remainder(report: PithReport): { name: string; bytes: number }[] {
  const rest =
    report.bytes -
    report.sections.reduce((sum, s) => sum + (s.kind === 'tensors' ? 0 : s.bytes), 0) -
    report.tensors.reduce((sum, t) => sum + t.bytes, 0);
  return rest > 0 ? [{ name: 'framing', bytes: rest }] : [];
}

/** What the steps make that are not pruning. */
const stageOf: Readonly<Record<string, PointRow['stage']>> = { share: 'shared', rate: 'rated' };

function pointRows(reference: Compressed['run']['reference'], records: readonly StepRecord[]): PointRow[] {
  const stages = records.map((r): PointRow['stage'] => {
    let at: StepRecord | undefined = r;
    while (at && at.use === 'train') at = records[at.from];
    return at === undefined ? 'reference' : (stageOf[at.use] ?? 'pruned');
  });
  const first: PointRow = { step: -1, use: 'reference', stage: 'reference', round: 0, seconds: 0, ...reference };
  return [
    first,
    ...records.map((r, i) => ({
      step: r.index,
      use: r.use,
      stage: stages[i]!,
      bytes: r.bytes,
      error: r.error,
      loss: r.loss,
      density: r.density,
      round: r.round,
      seconds: r.seconds,
    })),
  ];
}

/** Of the parameters that the file still has: a normalization may have become part of a layer. */
function layerRows(model: Model, { run, file }: Compressed, pruned: ReadonlyMap<string, WeightState>): LayerRow[] {
  const sizes = new Map(file.report.tensors.map((t) => [t.name, t]));
  const adds = multiplyAdds(model);
  return parametersOf(model)
    .filter((p) => p.role !== 'statistic' && sizes.has(p.name))
    .map((p) => row(p, sizes.get(p.name)!, adds.get(p.name) ?? 0, run.state.states.get(p.name), pruned.get(p.name)));
}

function row(
  p: Parameter,
  size: TensorSize,
  multiplyAdds: number,
  state: WeightState | undefined,
  before: WeightState | undefined,
): LayerRow {
  const parameters = sizeOf(p.dims);
  const perKept = (bytes: number): number => (size.kept === 0 ? 0 : (8 * bytes) / size.kept);
  const sum = ({ positions, values, codebook, tables, rest }: TensorSize['parts']): number => positions + values + codebook + tables + rest;
  return {
    name: p.name,
    kind: p.role,
    dims: p.dims,
    parameters,
    multiplyAdds,
    density: parameters === 0 ? 1 : size.kept / parameters,
    centroids: state?.kind === 'shared' ? state.codebook.length : 0,
    weightBits: { fixed: perKept(size.uncoded.values), coded: perKept(size.parts.values) },
    indexBits: { fixed: perKept(size.uncoded.positions), coded: perKept(size.parts.positions) },
    bytes: {
      dense: 4 * parameters,
      pruned: isWeight(p) ? Math.min(4 * parameters, csrBytes({ dims: p.dims, nonZeros: size.kept })) : 4 * parameters,
      shared: Math.ceil(sum(size.uncoded)),
      coded: size.bytes,
    },
    ...(before && isWeight(p) && { histogram: histogram(parametrizationOf(before).dense(before)) }),
    ...(state?.kind === 'shared' && { codebook: Array.from(state.codebook) }),
  };
}

/** Of the weights that are not zero, over a range that is symmetric about it. */
function histogram(weights: Float32Array): { low: number; high: number; counts: number[] } {
  const most = weights.reduce((m, w) => Math.max(m, Math.abs(w)), 0) || 1;
  const counts = new Array<number>(bins).fill(0);
  for (const w of weights) if (w !== 0) counts[Math.min(bins - 1, Math.floor(((w + most) / (2 * most)) * bins))]!++;
  return { low: -most, high: most, counts };
}

/** Multiply-adds for one image by the name of the weight that causes them. Empty where the model has operators that pith does not know. */
function multiplyAdds(model: Model): Map<string, number> {
  const found = new Map<string, number>();
  const cost = costIfKnown(model);
  for (const p of parametersOf(model).filter(isWeight)) {
    const node = cost?.nodes.find((n) => n.name === (p.node.name || p.node.outputs[0]));
    if (node) found.set(p.name, node.multiplyAdds);
  }
  return found;
}

function targetRows({ maxSize, maxDrop }: Targets, { run, file }: Compressed, original: number): Report['targets'] {
  const points = (x: number): string => `${(100 * x).toFixed(2)} points`;
  const drop = (run.records[run.chosen]?.error ?? run.reference.error) - run.reference.error;
  return [
    ...(maxSize === undefined
      ? []
      : [
          {
            name: 'size',
            wanted: `${formatCount(maxSize)} bytes`,
            got: `${formatCount(file.bytes.length)} bytes (${formatRatio(original / file.bytes.length)})`,
            met: file.bytes.length <= maxSize,
          },
        ]),
    ...(maxDrop === undefined ? [] : [{ name: 'drop', wanted: points(maxDrop), got: points(drop), met: drop <= maxDrop + 5e-9 }]),
  ];
}
