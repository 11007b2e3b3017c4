/** The worker thread of section-threads.ts: codes one section after another. Started by its file name only. */
import { parentPort } from 'node:worker_threads';
import { parcelOf, runSectionJob, type SectionJob } from 'pith-runtime';
import { PithError } from '../base/errors.js';
import type { SectionNews } from './section-threads.js';

parentPort?.on('message', (job: SectionJob) => {
  const say = (news: SectionNews, buffers: ArrayBuffer[] = []): void => parentPort?.postMessage(news, buffers);
  try {
    const { value, buffers } = parcelOf(runSectionJob(job), { keep: false });
    say({ kind: 'done', result: value }, buffers);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(error instanceof PithError ? { kind: 'error', code: error.code, detail: error.detail, message } : { kind: 'error', message });
  }
});
