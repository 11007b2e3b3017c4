/**
 * Data-parallel training on one machine: each worker thread has a shard of the batch and one session of one thread; gradients are summed
 * in shared memory. The same seed and number of workers give the same bits. Batch normalisation sees a shard, not the whole batch, and
 * running statistics are averaged over shards, as in PyTorch's DistributedDataParallel without SyncBatchNorm.
 */
import { type ErrorDetail, PithError } from '../../base/errors.js';
import { finiteLoss, type StepInput, type Stepper, type Stepping, type StepResult, startArrays } from '../stepper.js';
import { Meeting, type SharedMemory, sharedMemory } from './memory.js';
import { type ShardProgram, shardProgram } from './program.js';
import type { ShardNews, ShardTask } from './shard.js';

/** A worker thread that runs `runShard`. */
export interface Thread {
  /** Resolves when it has ended; ends it by force where it does not do so by itself in reasonable time. */
  end(): Promise<void>;
}

export interface Ears {
  hear(news: ShardNews): void;
  /** The thread has ended, and how. */
  ended(how: string): void;
}

export type Launch = (task: ShardTask, ears: Ears) => Thread;

export interface ParallelOptions {
  /** 1 … 64. */
  readonly workers: number;
  readonly launch: Launch;
}

/**
 * Throws `usage.workers`, at once for an impossible number of workers, later where it does not divide the batch. Steps throw `bug.worker`
 * where a thread dies, and what the engine throws.
 */
export function parallelSessions({ workers, launch }: ParallelOptions): Stepping {
  if (!Number.isInteger(workers) || workers < 1 || workers > 64)
    throw new PithError('usage.workers', { at: { option: 'workers' }, expected: 'a whole number in 1 … 64', got: String(workers) });
  return (options) => {
    const program = shardProgram(options, workers);
    return { program, open: (start) => ParallelStepper.open(program, start, launch) };
  };
}

class ParallelStepper implements Stepper {
  private readonly program: ShardProgram;
  private readonly memory: SharedMemory;
  private readonly meeting: Meeting;
  private readonly threads: readonly Thread[];
  private readonly live: ReadonlyMap<string, Float32Array>;
  private readonly logits: Float32Array;
  private readonly losses: Float32Array;
  private waiting: { resolve(): void; reject(error: PithError): void } | undefined;
  private ready = 0;
  /** Why there are no more steps. */
  private failure: PithError | undefined;
  private steps = 0;

  static async open(program: ShardProgram, start: ReadonlyMap<string, Float32Array>, launch: Launch): Promise<Stepper> {
    const stepper = new ParallelStepper(program, startArrays(program.slots, start), launch);
    try {
      await stepper.news();
      return stepper;
    } catch (error) {
      await stepper.close();
      throw error;
    }
  }

  private constructor(program: ShardProgram, start: ReadonlyMap<string, Float32Array>, launch: Launch) {
    const memory = sharedMemory(program);
    this.program = program;
    this.memory = memory;
    this.meeting = new Meeting(memory.control, program.shards);
    this.live = liveArrays(program, memory);
    for (const [name, array] of this.live) array.set(start.get(name)!);
    this.logits = new Float32Array(memory.logits);
    this.losses = new Float32Array(memory.losses);
    const ears: Ears = { hear: (news) => this.hear(news), ended: (how) => this.fail(died(how)) };
    this.threads = Array.from({ length: program.shards }, (_, shard) => launch({ program, memory, shard }, ears));
  }

  async step({ images, targets, rate, scalars, feeds, place }: StepInput): Promise<StepResult> {
    const { memory, program } = this;
    if (this.failure) throw this.failure;
    new Float32Array(memory.images).set(images);
    new Float32Array(memory.targets).set(targets);
    new Float32Array(memory.scalars).set([rate, ...scalars]);
    program.feeds.forEach(({ name }, i) => {
      fill(memory.feeds[i]!, name, feeds?.get(name));
    });
    const done = this.news();
    this.meeting.begin();
    await done;
    this.steps++;
    const loss = this.losses.reduce((a, b) => a + b, 0) / program.shards;
    return { loss: finiteLoss(loss, place ?? `step ${this.steps}`), logits: this.logits };
  }

  arrays(): ReadonlyMap<string, Float32Array> {
    return this.live;
  }

  async close(): Promise<void> {
    this.fail(new PithError('usage.closed', { expected: 'a stepper that is open', got: 'one that was closed' }));
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  /** Resolves when the workers have done what they were asked for. */
  private news(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.waiting = { resolve, reject };
    });
  }

  private hear(news: ShardNews): void {
    if (news.kind === 'error') this.fail(news.code && news.detail ? new PithError(news.code, news.detail) : died(news.message));
    else if (news.kind === 'done' || ++this.ready === this.program.shards) this.waiting?.resolve();
  }

  /** The first failure counts; the other workers leave the step. */
  private fail(error: PithError): void {
    if (this.failure) return;
    this.failure = error;
    this.meeting.giveUp();
    this.waiting?.reject(error);
  }
}

/** Throws `input.engine-run`, as one session does, where a loss is fed another number of values than it asked for. */
function fill(buffer: SharedArrayBuffer, name: string, given: Float32Array | undefined): void {
  const into = new Float32Array(buffer);
  if (given?.length !== into.length)
    throw new PithError('input.engine-run', {
      at: { tensor: name },
      expected: `${into.length} values at each step`,
      got: given ? String(given.length) : 'none',
    });
  into.set(given);
}

/** Every slot as a view of shared memory. */
function liveArrays({ layout, states, statistics }: ShardProgram, memory: SharedMemory): Map<string, Float32Array> {
  const view = (buffer: SharedArrayBuffer, { at, size }: { at: number; size: number }): Float32Array =>
    new Float32Array(buffer, 4 * at, size);
  return new Map([
    ...layout.pieces.flatMap((piece): [string, Float32Array][] => [
      [piece.name, view(memory.parameters, piece)],
      ...states.map((state, k): [string, Float32Array] => [`${piece.name}/${state}`, view(memory.states[k]!, piece)]),
    ]),
    ...statistics.pieces.map((piece): [string, Float32Array] => [piece.name, view(memory.statistics, piece)]),
  ]);
}

const died = (how: string): PithError => {
  const detail: ErrorDetail = {
    expected: 'worker threads that train until they are closed',
    got: how,
    fix: 'resume from the last checkpoint; with fewer workers if memory was short',
  };
  return new PithError('bug.worker', detail);
};
