/** Where activations lie: memory is used again as soon as nobody reads what is in it. */

/** A run of memory that is needed from step `first` to step `last`, both included. */
export interface Slot {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Placement {
  /** Of each slot, multiples of 64. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

const alignment = 64;
const rounded = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;
/** Slots are found by the groups of so many steps that they live in. */
const group = 64;

/** The largest first, each into the smallest gap that is free all its life. */
export function placed(slots: readonly Slot[]): Placement {
  const offsets = new Array<number>(slots.length).fill(0);
  const living = new Map<number, number[]>();
  let bytes = 0;
  const order = [...slots.keys()].filter((i) => slots[i]!.bytes > 0).sort((a, b) => slots[b]!.bytes - slots[a]!.bytes || a - b);
  for (const i of order) {
    const slot = slots[i]!;
    const groups = Array.from(
      { length: Math.floor(slot.last / group) - Math.floor(slot.first / group) + 1 },
      (_, k) => Math.floor(slot.first / group) + k,
    );
    const beside = new Set(groups.flatMap((g) => living.get(g) ?? []));
    const taken = [...beside]
      .filter((k) => slots[k]!.first <= slot.last && slots[k]!.last >= slot.first)
      .map((k): [number, number] => [offsets[k]!, offsets[k]! + rounded(slots[k]!.bytes)])
      .sort((a, b) => a[0] - b[0]);
    const size = rounded(slot.bytes);
    let [best, gap, end] = [-1, Infinity, 0];
    for (const [from, to] of taken) {
      const room = from - end;
      if (room >= size && room < gap) [best, gap] = [end, room];
      end = Math.max(end, to);
    }
    offsets[i] = best >= 0 ? best : end;
    bytes = Math.max(bytes, offsets[i]! + size);
    for (const g of groups) {
      const list = living.get(g);
      if (list) list.push(i);
      else living.set(g, [i]);
    }
  }
  return { offsets, bytes };
}

/** The most bytes that are needed at any one step: no placement takes fewer. */
export function peakOf(slots: readonly Slot[]): number {
  const change = new Map<number, number>();
  for (const { bytes, first, last } of slots) {
    change.set(first, (change.get(first) ?? 0) + bytes);
    change.set(last + 1, (change.get(last + 1) ?? 0) - bytes);
  }
  let [live, peak] = [0, 0];
  for (const [, by] of [...change].sort((a, b) => a[0] - b[0])) {
    live += by;
    peak = Math.max(peak, live);
  }
  return peak;
}
