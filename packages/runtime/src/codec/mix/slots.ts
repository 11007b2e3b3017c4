/** Contexts that are too many for a slot each: a kind of context shares 65,536 slots, found by multiplying. */
import type { int } from './ints.js';

/** Slots of one kind. */
export const shared: int = 65536;

/** The slot of a node of a tree of bits under a context; products are cut to 32 bits. */
export const slotOf = (kind: int, context: int, node: int): int =>
  kind * shared + ((((context * 40503 + node) * 25717) >> 3) & (shared - 1));
