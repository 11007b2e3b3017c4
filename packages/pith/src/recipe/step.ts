/** What a step of a recipe owes: the schema of its settings, and what it makes of the state of the compression. */
import type { z } from 'zod';
import type { Random } from '../base/random.js';
import type { Model } from '../base/tensor.js';
import type { AugmentSpec } from '../data/augment/augment.js';
import type { Dataset, Split } from '../data/dataset.js';
import type { Preprocess } from '../data/preprocess.js';
import type { Engine } from '../engine/engine.js';
import type { WeightState } from '../parametrization/list.js';
import type { BatchSource, EpochRecord, FitProgress, FitState } from '../train/fit.js';
import type { Stepping } from '../train/stepper.js';

/** What is compressed: the model as it came, and what has become of its weights. */
export interface Compression {
  readonly model: Model;
  /** Every parameter that has changed or is parametrized. */
  readonly states: ReadonlyMap<string, WeightState>;
  /** Running statistics of batch normalisation that have changed. */
  readonly statistics: ReadonlyMap<string, Float32Array>;
  /** The same in the form in which training goes on, where that is another one: with its batch normalizations. */
  readonly trainable?: Compression | undefined;
}

/** Everything outside: how graphs are run, batches made ahead, time told. */
export interface Host {
  readonly engine: Engine;
  /** Threads of a session; 0: the engine's choice. */
  readonly threads: number;
  source(options: SourceOptions): BatchSource;
  /** How steps are run where it is not one session: workers. */
  readonly stepping?: Stepping | undefined;
  /** Milliseconds since some moment. */
  clock(): number;
}

export interface SourceOptions {
  readonly split: Split;
  readonly batch: number;
  readonly seed: number;
  readonly preprocess: Preprocess;
  readonly augment?: AugmentSpec | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StepContext {
  /** The model as it came. */
  readonly reference: Model;
  /** Models whose averaged logits teach a student; the model as it came where none were given. */
  readonly teachers: readonly Model[];
  /** Bytes of the coded file. */
  readonly bytesOf: (compression: Compression) => number;
  readonly host: Host;
  readonly data: Dataset;
  readonly preprocess: Preprocess;
  /** A seed of this step's own. */
  readonly seed: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((p: FitProgress) => void) | undefined;
  /** Where training inside this step stood when the run was cut off. */
  readonly resume?: FitState | undefined;
  readonly onStep?: ((state: () => FitState) => Promise<void> | void) | undefined;
}

export interface StepResult {
  readonly after: Compression;
  readonly epochs?: readonly EpochRecord[];
  /** What the round turned out to aim at, where the step has moved it. */
  readonly aim?: number;
  /** What the step found out, for the log. */
  readonly notes?: Readonly<Record<string, unknown>>;
}

export interface StepKind<S extends z.ZodObject> {
  readonly what: string;
  readonly settings: S;
  /** Whether it learns from teachers, so that a recipe with it takes some. */
  readonly taught?: boolean;
  run(before: Compression, settings: z.output<S>, context: StepContext): Promise<StepResult>;
}

/** Keeps the type of the settings between the schema and `run`. */
export const step = <S extends z.ZodObject>(kind: StepKind<S>): StepKind<S> => kind;
