/** Where a run is kept: the folder that was named, one beside the output, or memory. */
import { access } from 'node:fs/promises';
import { PithError } from '../base/errors.js';
import type { Model } from '../base/tensor.js';
import { saveModel } from '../onnx/file.js';
import { memoryStore, type Store } from '../recipe/store.js';
import { RunFolder } from '../train/run-folder.js';
import { type Job, parseJob, sameJob } from './job.js';
import { saveTeachers, type Teacher } from './teachers.js';

export interface PlaceOptions {
  /**
   * A folder for checkpoints, log and report; `beside` names an output and means a new folder OUTPUT.run beside it. Without it a crash loses
   * the run.
   */
  readonly run?: string | { readonly beside: string };
  /** Told of the run folder as soon as there is one. */
  readonly onRun?: (folder: string) => void;
}

/** The run folder with this very job, begun or taken up again; memory where none is named. Throws `usage.run-exists`. */
export async function storeFor({ run, onRun }: PlaceOptions, job: Job, model: Model, teachers: readonly Teacher[] = []): Promise<Store> {
  if (run === undefined) return memoryStore();
  const places = typeof run === 'string' ? [run] : besides(run.beside);
  for (const path of places) {
    const begun = await access(`${path}/run.json`).then(
      () => true,
      () => false,
    );
    if (begun) {
      const { folder, run: there } = await RunFolder.open(path);
      const same = sameJob(parseJob(there, folder.file('run.json')), job);
      if (!same && typeof run !== 'string') continue;
      if (same) {
        onRun?.(path);
        return folder;
      }
    }
    const folder = await RunFolder.create(path, job, async (file) => {
      await saveModel(file('model.onnx'), model);
      await saveTeachers(teachers, file);
    }).catch((error: unknown) => {
      if (typeof run !== 'string' && error instanceof PithError && error.code === 'usage.run-exists') return undefined;
      throw error;
    });
    if (!folder) continue;
    onRun?.(path);
    return folder;
  }
  throw new PithError('usage.run-exists', { expected: 'a free name for a run folder', got: 'none', fix: 'name one by --run' });
}

/** OUTPUT.run, OUTPUT-2.run … beside an output; with its extension, as a model and what becomes of it often share a name. */
const besides = (output: string): string[] => Array.from({ length: 1000 }, (_, i) => `${output}${i === 0 ? '' : `-${i + 1}`}.run`);
