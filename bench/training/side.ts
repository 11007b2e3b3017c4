/** One of the programs that are compared. */
export interface Side {
  readonly name: string;
  /** Runs this many steps; the losses, and the time they took in milliseconds. */
  run(steps: number): Promise<{ readonly losses: readonly number[]; readonly ms: number }>;
  close(): Promise<void>;
}
