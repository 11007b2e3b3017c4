/**
 * What each effort does: how much is looked at before anything is rounded, and how the rounding searches. For a large network a look is
 * cut down to the budget (`afford.ts`).
 */

export interface Effort {
  /** `none`: weights alone. `forward`: what flows into each layer. `gradient`: also what its outputs do to the model's. */
  readonly look: 'none' | 'forward' | 'gradient';
  /** Samples that are made where none are given; of given ones as many as there are, up to `most`. */
  readonly samples: number;
  readonly most: number;
  /** Of made samples, how many match the statistics of batch norms where the model has some; 0: all are noise. */
  readonly distilled: number;
  /** Multiply-adds that each part of the look may take. */
  readonly budget: number;
  /** Random directions at the output for each sample. */
  readonly draws: number;
  readonly grid: 'scalar' | 'trellis';
  /** Passes over all layers; the later ones know what levels cost. */
  readonly passes: number;
  /** Whether layers make good for what the layers before them lost. */
  readonly drift: boolean;
}

const none = { look: 'none', samples: 0, most: 0, distilled: 0, budget: 0, draws: 0, drift: false } as const;
const gradient = { look: 'gradient', samples: 128, most: 256, distilled: 128, budget: 2e12, draws: 4, grid: 'trellis', passes: 2 } as const;

/** By number. */
const efforts: readonly Effort[] = [
  { ...none, grid: 'scalar', passes: 1 },
  { ...none, grid: 'trellis', passes: 1 },
  { ...none, grid: 'trellis', passes: 2 },
  { ...gradient, look: 'forward', samples: 64, distilled: 0, budget: 5e11, draws: 0, passes: 1, drift: false },
  { ...gradient, samples: 64, distilled: 64, budget: 1e12, draws: 2, passes: 1, drift: false },
  { ...gradient, drift: true },
  { ...gradient, samples: 192, most: 512, distilled: 192, budget: 4e12, drift: true },
  { ...gradient, samples: 256, most: 1024, distilled: 256, budget: 1e13, draws: 6, drift: true },
  { ...gradient, samples: 384, most: 2048, distilled: 384, budget: 3e13, draws: 8, passes: 3, drift: true },
  { ...gradient, samples: 512, most: 4096, distilled: 512, budget: 1e14, draws: 12, passes: 3, drift: true },
];

export const mostEffort = efforts.length - 1;
export const usualEffort = 5;

/** Before it is cut down to a budget. A whole number from 0 to `mostEffort`, checked by whoever asks. */
export const effortOf = (effort: number): Effort => efforts[effort]!;
