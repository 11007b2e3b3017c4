/** Stands in for src/codec/trellis.ts; a test compares them. */
export const trellisNext: StaticArray<i32> = [0, 2, 5, 7, 1, 3, 6, 4, 2, 0, 4, 6, 3, 1, 7, 5];
