/** A compression that was asked for, from its job to its files: the .pith file, the report, the page. */
import { writeAtomic } from '../base/files.js';
import { sha256 } from '../base/hash.js';
import type { Model } from '../base/tensor.js';
import type { Dataset } from '../data/dataset.js';
import { nodeHost } from '../engine/node-host.js';
import type { WeightState } from '../parametrization/list.js';
import { type RunProgress, stepName } from '../recipe/runner.js';
import { restoreCompression, type SavedCompression } from '../recipe/saved.js';
import type { Store } from '../recipe/store.js';
import { buildReport } from '../report/build.js';
import { renderReport } from '../report/html.js';
import type { Report } from '../report/report.js';
import { RunFolder } from '../train/run-folder.js';
import { evidenceOf } from './evidence.js';
import { type FrontierPoint, writeFrontier } from './frontier.js';
import { type Job, metadataOf, performCompression, preprocess } from './job.js';

export interface CompressResult {
  /** The whole .pith file. */
  readonly bytes: Uint8Array;
  /** The model that the file decodes to. */
  readonly model: Model;
  readonly report: Report;
  /** The report as a page, in the run folder. */
  readonly reportFile?: string;
  /** Whether all targets were met. Where not, this is the best result there was. */
  readonly met: boolean;
  /** Where a curve was asked for: its points, by rising λ. */
  readonly frontier?: readonly FrontierPoint[];
}

export interface CompressParts {
  readonly job: Job;
  readonly model: Model;
  /** Those of the hashes in `job.knobs.teacher`. */
  readonly teachers: readonly Model[] | undefined;
  readonly data: Dataset;
  readonly store: Store;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((p: RunProgress) => void) | undefined;
}

/** From whatever the store already holds. */
export async function compressJob(parts: CompressParts): Promise<CompressResult> {
  const { job, model, data, store } = parts;
  const host = nodeHost({ threads: job.threads, workers: job.workers });
  const compressed = await performCompression({ ...parts, host });
  const { bytes } = compressed.file;
  const evidence = await evidenceOf({
    ...{ file: bytes, decoded: compressed.decoded, data, preprocess: preprocess(job), signal: parts.signal },
    judged: { error: compressed.decodedError, confusion: compressed.confusion },
  });
  const curve =
    job.knobs.frontier === undefined
      ? undefined
      : await writeFrontier({ run: compressed.run, model, store, metadata: metadataOf(job), output: job.output });
  const report = buildReport({
    network: job.network,
    model,
    data,
    compressed,
    pruned: await beforeSharing(compressed.run.records, compressed.run.chosen, model, store),
    evidence,
    frontier: curve?.rows,
    recipe: {
      recipe: job.recipe,
      steps: compressed.run.records.filter((r) => r.round === compressed.run.records[compressed.run.chosen]?.round).map((r) => r.step),
    },
    targets: job.targets,
    seed: job.seed,
    command: job.command,
    versions: job.versions,
    sourceHash: job.sourceHash,
    fileHash: sha256(bytes),
  });
  if (store instanceof RunFolder) {
    await writeAtomic(store.file('model.pith'), bytes);
    await store.writeJson('report.json', report);
    await writeAtomic(store.file('report.html'), new TextEncoder().encode(renderReport(report)));
    await store.event({ event: 'finished', fileHash: report.fileHash, met: compressed.run.met });
  }
  if (job.output !== undefined) await writeAtomic(job.output, bytes);
  const reportFile = store instanceof RunFolder ? { reportFile: store.file('report.html') } : {};
  return { bytes, model: compressed.decoded, report, met: compressed.run.met, ...(curve && { frontier: curve.points }), ...reportFile };
}

/** Weights after pruning and retraining of the chosen round: the last state before sharing. */
async function beforeSharing(
  records: readonly { readonly use: string; readonly from: number }[],
  chosen: number,
  model: Model,
  store: Store,
): Promise<ReadonlyMap<string, WeightState>> {
  let at = chosen;
  while (at >= 0 && records[at]!.use !== 'share') at = records[at]!.from;
  const before = at >= 0 ? records[at]!.from : -1;
  const checkpoint = before < 0 ? undefined : await store.load(stepName(before));
  if (!checkpoint) return new Map();
  return restoreCompression(model, checkpoint.arrays, (checkpoint.state as { compression: SavedCompression }).compression).states;
}
