/**
 * Sections of .pith files coded in worker threads of Node: a host for `readPithOn` and `writePithOn`. Each thread has one section at a time,
 * so that what is copied stays small; the bytes do not depend on how many threads there are.
 */
import { Worker } from 'node:worker_threads';
import { parcelOf, type SectionHost, type SectionJob, type SectionResult } from 'pith-runtime';
import { type ErrorCode, type ErrorDetail, PithError } from '../base/errors.js';

/** What a worker says of its job. */
export type SectionNews =
  | { readonly kind: 'done'; readonly result: SectionResult<SectionJob> }
  | { readonly kind: 'error'; readonly code?: ErrorCode; readonly detail?: ErrorDetail; readonly message: string };

export interface SectionThreads extends SectionHost {
  /** Ends the threads; jobs that are not done fail with `interrupted.cancelled`. */
  close(): Promise<void>;
}

interface Waiting {
  readonly job: SectionJob;
  readonly resolve: (result: SectionResult<SectionJob>) => void;
  readonly reject: (error: PithError) => void;
}

/** Throws `usage.option` unless `count` is 1 … 64. From `run` what the job throws, and `bug.worker` where a thread dies. */
export function sectionThreads(count: number): SectionThreads {
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new PithError('usage.option', { at: { option: 'threads' }, expected: 'a whole number in 1 … 64', got: String(count) });
  return new Pool(count);
}

class Pool implements SectionThreads {
  private readonly count: number;
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Waiting>();
  private readonly queue: Waiting[] = [];

  constructor(count: number) {
    this.count = count;
  }

  run<J extends SectionJob>(job: J): Promise<SectionResult<J>> {
    return new Promise((resolve, reject) => {
      this.queue.push({ job, resolve: resolve as Waiting['resolve'], reject });
      this.next();
    });
  }

  async close(): Promise<void> {
    const stopped = new PithError('interrupted.cancelled', { expected: 'to go on', got: 'the end of the threads' });
    for (const { reject } of [...this.queue.splice(0), ...this.busy.values()]) reject(stopped);
    const workers = [...this.idle.splice(0), ...this.busy.keys()];
    this.busy.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  private next(): void {
    while (this.queue.length > 0) {
      const worker = this.idle.pop() ?? (this.busy.size < this.count ? this.start() : undefined);
      if (!worker) return;
      const waiting = this.queue.shift()!;
      this.busy.set(worker, waiting);
      const { value, buffers } = parcelOf(waiting.job, { keep: true });
      worker.ref();
      worker.postMessage(value, buffers);
    }
  }

  private start(): Worker {
    const worker = new Worker(new URL('./section-worker.js', import.meta.url), { execArgv: [] });
    worker.on('message', (news: SectionNews) => this.hear(worker, news));
    worker.on('error', (error) => this.died(worker, error.message));
    worker.on('exit', (code) => this.died(worker, `its end with code ${code}`));
    worker.unref();
    return worker;
  }

  private hear(worker: Worker, news: SectionNews): void {
    const waiting = this.busy.get(worker);
    if (!waiting) return;
    this.busy.delete(worker);
    worker.unref();
    this.idle.push(worker);
    if (news.kind === 'done') waiting.resolve(news.result);
    else waiting.reject(news.code && news.detail ? new PithError(news.code, news.detail) : dead(news.message));
    this.next();
  }

  private died(worker: Worker, how: string): void {
    const waiting = this.busy.get(worker);
    this.busy.delete(worker);
    const place = this.idle.indexOf(worker);
    if (place >= 0) this.idle.splice(place, 1);
    waiting?.reject(dead(how));
    if (waiting) this.next();
  }
}

const dead = (how: string): PithError =>
  new PithError('bug.worker', { expected: 'the worker to code a section', got: how, fix: 'report it' });
