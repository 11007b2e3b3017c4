/** Learning-rate schedules: a factor of the base rate at each step, after a linear warm-up. Pure functions of the step. */
export type Schedule =
  | { readonly kind: 'constant'; readonly warmup?: number | undefined }
  /** The factor is multiplied by `gamma` every `every` of the whole (0.3 = after 30, 60 and 90 %). */
  | { readonly kind: 'step'; readonly every: number; readonly gamma: number; readonly warmup?: number | undefined }
  /** Half a cosine from 1 to `end` (Loshchilov and Hutter, 2017, without restarts). */
  | { readonly kind: 'cosine'; readonly end?: number | undefined; readonly warmup?: number | undefined };

/** The factor at `step` (from 0) of `total`; warm-up is a fraction of the total. */
export function rateFactor(schedule: Schedule, step: number, total: number): number {
  const warm = Math.round((schedule.warmup ?? 0) * total);
  if (step < warm) return (step + 1) / warm;
  const t = total <= warm ? 1 : (step - warm) / (total - warm);
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.gamma ** Math.floor(t / schedule.every + 1e-9);
    case 'cosine': {
      const end = schedule.end ?? 0;
      return end + (1 - end) * 0.5 * (1 + Math.cos(Math.PI * t));
    }
  }
}
