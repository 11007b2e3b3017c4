/** What each effort does: how much is looked at before anything is rounded, and how the rounding searches. */

export interface Effort {
  /** `none`: weights alone. `forward`: what flows into each layer. `gradient`: also what its outputs do to the model's. */
  readonly look: 'none' | 'forward' | 'gradient';
  /** Samples that are made where none are given; of given ones as many as there are, up to `most`. */
  readonly samples: number;
  readonly most: number;
  /** Random directions at the output for each sample. */
  readonly draws: number;
  readonly grid: 'scalar' | 'trellis';
  /** Passes over all layers; the later ones know what levels cost. */
  readonly passes: number;
  /** Whether layers make good for what the layers before them lost. */
  readonly drift: boolean;
}

const none = { look: 'none', samples: 0, most: 0, draws: 0, drift: false } as const;
const forward = { look: 'forward', samples: 64, most: 256, draws: 0, grid: 'trellis', passes: 1, drift: false } as const;
const gradient = { look: 'gradient', samples: 128, most: 256, draws: 4, grid: 'trellis', passes: 2, drift: true } as const;

/** By number. */
const efforts: readonly Effort[] = [
  { ...none, grid: 'scalar', passes: 1 },
  { ...none, grid: 'trellis', passes: 1 },
  { ...none, grid: 'trellis', passes: 2 },
  forward,
  { ...gradient, samples: 64, draws: 2, passes: 1, drift: false },
  gradient,
  { ...gradient, samples: 192, most: 512 },
  { ...gradient, samples: 256, most: 1024, draws: 6 },
  { ...gradient, samples: 384, most: 2048, draws: 8, passes: 3 },
  { ...gradient, samples: 512, most: 4096, draws: 12, passes: 3 },
];

export const mostEffort = efforts.length - 1;
export const usualEffort = 5;

/** A whole number from 0 to `mostEffort`, checked by whoever asks. */
export const effortOf = (effort: number): Effort => efforts[effort]!;
