/**
 * A source of batches with a teacher's logits beside them. The teacher looks at the next batch while the present one is trained on. Only so
 * many epochs are different: then the first comes again, and what the teacher said of it is known.
 */
import { checkSignal, PithError } from '../base/errors.js';
import type { Model, Tensor } from '../base/tensor.js';
import { type Batch, batches } from '../data/batches.js';
import { firstImages, type Split } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import type { Engine, Session } from '../engine/engine.js';
import type { BatchSource } from './fit.js';

export interface TaughtOptions {
  readonly engine: Engine;
  /** Their logits are averaged. */
  readonly teachers: readonly Model[];
  /** The average is multiplied by this. */
  readonly sharpness: number;
  readonly source: BatchSource;
  /** Different epochs. */
  readonly editions: number;
  /** Of each teacher's session; 0: the engine's choice. */
  readonly threads: number;
}

export interface TaughtSource extends BatchSource {
  close(): Promise<void>;
}

/** Throws what opening a session throws. */
export async function taught({ engine, teachers, sharpness, source, editions, threads }: TaughtOptions): Promise<TaughtSource> {
  const sessions = await openAll(engine, teachers, threads);
  const close = (): Promise<void> => closeAll(sessions);
  const known = new Map<number, Float32Array>();
  const ask = async (place: number, batch: Batch): Promise<Batch> => {
    const teacher = known.get(place) ?? (await mean(sessions, teachers, batch)).map((z) => z * sharpness);
    known.set(place, teacher);
    return { ...batch, teacher };
  };
  async function* stream({ epoch, step, until }: Parameters<BatchSource['stream']>[0]): AsyncGenerator<Batch, void, undefined> {
    let before: Promise<Batch> | undefined;
    for (let e = epoch; e < until; e++) {
      const edition = e % editions;
      for await (const made of source.stream({ epoch: edition, step: e === epoch ? step : 0, until: edition + 1 })) {
        // the source's memory is used again for the next batch
        const own = { ...made, epoch: e, images: made.images.slice(), labels: made.labels.slice() };
        const next = ask(edition * source.stepsPerEpoch + made.step, own);
        next.catch(() => undefined); // it is heard of when it is waited for
        if (before) yield await before;
        before = next;
      }
    }
    if (before) yield await before;
  }
  return { batch: source.batch, stepsPerEpoch: source.stepsPerEpoch, stream, close };
}

async function openAll(engine: Engine, teachers: readonly Model[], threads: number): Promise<Session[]> {
  const sessions: Session[] = [];
  try {
    for (const model of teachers) sessions.push(await engine.open(model, { threads }));
    return sessions;
  } catch (error) {
    await closeAll(sessions);
    throw error;
  }
}

async function closeAll(sessions: readonly Session[]): Promise<void> {
  await Promise.all(sessions.map((session) => session.close()));
}

export interface SharpnessOptions {
  readonly engine: Engine;
  readonly teachers: readonly Model[];
  /** Training images. */
  readonly split: Split;
  readonly preprocess: Preprocess;
  readonly signal?: AbortSignal | undefined;
}

/** Images that the teacher is measured on, and how sharp it may be made. */
const measured = 2000;
const sharpest = 4;

/**
 * By what the teachers' logits are multiplied so that they fit the labels best (temperature scaling: Guo et al., "On Calibration of Modern
 * Neural Networks", 2017), 1 … 4. A network that was trained towards smoothed labels says too little of what it knows, and students that
 * learn from it are worse (Müller et al., "When Does Label Smoothing Help?", 2019).
 */
export async function sharpnessOf({ engine, teachers, split, preprocess, signal }: SharpnessOptions): Promise<number> {
  const sessions = await openAll(engine, teachers, 1);
  try {
    const logits: Float32Array[] = [];
    const labels: number[] = [];
    const part = firstImages(split, Math.min(measured, split.count));
    for (const batch of batches({ split: part, batch: Math.min(200, part.count), preprocess, shuffle: false })) {
      checkSignal(signal);
      logits.push(await mean(sessions, teachers, batch));
      labels.push(...batch.labels);
    }
    return sharpness(logits, labels);
  } finally {
    await closeAll(sessions);
  }
}

/** By golden section: the cross-entropy is convex in the factor. */
function sharpness(logits: readonly Float32Array[], labels: readonly number[]): number {
  const classes = logits.reduce((sum, part) => sum + part.length, 0) / labels.length;
  const loss = (factor: number): number => {
    let sum = 0;
    let n = 0;
    for (const part of logits)
      for (let at = 0; at < part.length; at += classes, n++) {
        const label = part[at + labels[n]!]!;
        let rest = 0;
        for (let k = 0; k < classes; k++) rest += Math.exp(factor * (part[at + k]! - label));
        sum += Math.log(rest);
      }
    return sum;
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [1, sharpest];
  for (let i = 0; i < 24; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}

/** Throws `input.teacher` where a teacher's outputs are not logits of its own for these images. */
async function mean(sessions: readonly Session[], teachers: readonly Model[], { images, dims, count }: Batch): Promise<Float32Array> {
  const answers = await Promise.all(
    sessions.map(async (session, i) => {
      const { graph } = teachers[i]!;
      const input = graph.inputs.find((v) => !graph.initializers.has(v.name))?.name ?? '';
      const results = await session.run(new Map<string, Tensor>([[input, { dtype: 'float32', dims, data: images }]]));
      return results.get(graph.outputs[0]?.name ?? '');
    }),
  );
  const [first] = answers;
  const wrong = answers.find((a) => a?.dtype !== 'float32' || a.dims[0] !== count || a.data.length !== first?.data.length);
  if (!first || wrong)
    throw new PithError('input.teacher', {
      expected: `float32 logits [${count}, classes], the same from every teacher`,
      got: wrong ? `${wrong.dtype} [${wrong.dims}]` : 'nothing',
    });
  const sum = new Float32Array(first.data.length);
  for (const answer of answers) for (let i = 0; i < sum.length; i++) sum[i]! += (answer!.data as Float32Array)[i]! / answers.length;
  return sum;
}
