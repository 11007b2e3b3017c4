/** Contexts that are too many for a slot each: a kind of context shares 65,536 slots, found by multiplying. */
import type { int } from './ints.js';

/** Slots of one kind. */
export const shared: int = 65536;

/** The slot of a node of a tree of bits under a context; products are cut to 32 bits. */
// a declaration, here and in all models: AssemblyScript calls an arrow function by way of a table
export function slotOf(kind: int, context: int, node: int): int {
  return kind * shared + ((((context * 40503 + node) * 25717) >> 3) & (shared - 1));
}
