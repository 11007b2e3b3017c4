/**
 * Which values share memory: aliases of a value, results written over an operand that dies, parts of a concatenation written where they
 * end up. A root is one run of the arena; a value lies in a root from an offset on.
 */

import type { KernelWork } from '../operators/operator.js';
import { bytesOfSpec, type Value } from '../operators/value.js';
import type { Slot } from './arena.js';
import type { Inferred, Job } from './infer.js';

export class Root {
  readonly bytes: number;
  first: number;
  last: number;
  /** Constants lie in the heap already and are not written to. */
  readonly constant: string | undefined;
  private within: { readonly root: Root; readonly offset: number } | undefined;

  constructor(bytes: number, first: number, last: number, constant?: string) {
    this.bytes = bytes;
    this.first = first;
    this.last = last;
    this.constant = constant;
  }

  get free(): boolean {
    return this.constant === undefined && this.within === undefined;
  }

  /** From now on it is a part of another root. */
  join(root: Root, offset: number): void {
    this.within = { root, offset };
    root.first = Math.min(root.first, this.first);
  }

  /** The outermost root, and where this one begins in it. */
  get outer(): { readonly root: Root; readonly offset: number } {
    if (!this.within) return { root: this, offset: 0 };
    const { root, offset } = this.within.root.outer;
    return { root, offset: offset + this.within.offset };
  }

  get slot(): Slot {
    return this;
  }
}

export interface Location {
  readonly root: Root;
  readonly offset: number;
}

/** Locations of all values that are not known before running. Step −1 is when inputs are written, `jobs.length` when outputs are read. */
export function layOut({ values, jobs }: Inferred, inputs: readonly string[], outputs: readonly string[]): Map<string, Location> {
  const reads = new Map<string, number>();
  jobs.forEach((job, step) => {
    for (const name of job.inputs) if (name !== undefined) reads.set(name, step);
  });
  for (const name of outputs) reads.set(name, jobs.length);

  const locations = new Map<string, Location>();
  const lastOf = (name: string, otherwise: number): number => reads.get(name) ?? otherwise;
  for (const name of inputs) locations.set(name, { root: new Root(bytesOfSpec(values.get(name)!), -1, lastOf(name, -1)), offset: 0 });
  const locate = (name: string): Location => {
    const found = locations.get(name);
    if (found) return found;
    const made = { root: new Root(0, -1, jobs.length, name), offset: 0 };
    locations.set(name, made);
    return made;
  };
  jobs.forEach((job, step) => {
    const { work, outputs: names } = job;
    for (const name of job.inputs) if (name !== undefined) locate(name);
    if (work.kind === 'alias') {
      const base = locate(job.inputs[0]!);
      for (const [i, name] of names.entries()) {
        if (!name) continue;
        base.root.last = Math.max(base.root.last, lastOf(name, step));
        locations.set(name, { root: base.root, offset: base.offset + work.offsets[i]! });
      }
      return;
    }
    const over = work.kind === 'kernel' ? overwritten(job, work, step, values, locations) : undefined;
    for (const [i, name] of names.entries()) {
      if (!name) continue;
      if (over && i === 0) {
        over.root.last = Math.max(over.root.last, lastOf(name, step));
        locations.set(name, over);
      } else locations.set(name, { root: new Root(bytesOfSpec(work.outputs[i]!), step, lastOf(name, step)), offset: 0 });
    }
  });
  jobs.forEach((job, step) => {
    if (job.work.kind === 'kernel' && job.work.parts) joinParts(job, job.work.parts, step, locations);
  });
  return locations;
}

/** Where an operand lies that the result may be written over. */
function overwritten(
  job: Job,
  { inPlace = [] }: KernelWork,
  step: number,
  values: ReadonlyMap<string, Value>,
  locations: ReadonlyMap<string, Location>,
): Location | undefined {
  const spans = job.inputs.map((name) => {
    if (name === undefined) return undefined;
    const { root, offset } = locations.get(name)!;
    return { root, offset, end: offset + bytesOfSpec(values.get(name)!) };
  });
  for (const i of inPlace) {
    const span = spans[i];
    if (!span?.root.free || span.root.last > step) continue;
    // another operand may lie there too, at the very same place only
    const mixed = spans.some(
      (other) => other?.root === span.root && other.offset < span.end && other.end > span.offset && other.offset !== span.offset,
    );
    if (!mixed) return { root: span.root, offset: span.offset };
  }
  return undefined;
}

/** Inputs of a concatenation that end with it are made where it puts them. */
function joinParts(job: Job, parts: readonly number[], step: number, locations: ReadonlyMap<string, Location>): void {
  const whole = locations.get(job.outputs[0]!);
  if (!whole) return;
  job.inputs.forEach((name, i) => {
    const { root, offset } = locations.get(name!)!;
    const next = parts[i + 1] ?? whole.root.bytes;
    if (root.free && root !== whole.root && offset === 0 && root.last === step && root.bytes === next - parts[i]!)
      root.join(whole.root, whole.offset + parts[i]!);
  });
}
