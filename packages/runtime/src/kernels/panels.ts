/** How the left matrix of a dense product lies in the heap: what assembly/kernels/tile.ts reads. */

/** Inner indices at a time, as in tile.ts. */
const innerBlock = 384;

/** Rows that are computed for so many: even, 4 at least. */
export const evenRows = (rows: number): number => Math.max(4, (rows + 1) & ~1);

/** Heights of the panels of so many rows: sixes, then the fewest fours. */
function panels(rows: number): number[] {
  const even = evenRows(rows);
  const fours = { 0: 0, 4: 1 }[even % 6] ?? 2;
  return [...new Array<number>((even - 4 * fours) / 6).fill(6), ...new Array<number>(fours).fill(4)];
}

/** Numbers that the packed matrix takes. */
export const panelLength = (rows: number, k: number): number => evenRows(rows) * k;

/** Packs the matrix whose element (r, i) is matrix[r · k + i], times scale[r], into `out`. */
export function packPanels(matrix: Float32Array, rows: number, k: number, out: Float32Array, scale?: Float32Array): void {
  const heights = panels(rows);
  let to = 0;
  for (let block = 0; block < k; block += innerBlock) {
    const end = Math.min(k, block + innerBlock);
    let first = 0;
    for (const height of heights) {
      for (let i = block; i < end; i++)
        for (let r = first; r < first + height; r++) out[to++] = r < rows ? matrix[r * k + i]! * (scale ? scale[r]! : 1) : 0;
      first += height;
    }
  }
}

/** One number for each computed row: those given, then zeros. */
export function rowNumbers(rows: number, given: Float32Array | undefined): Float32Array {
  const out = new Float32Array(evenRows(rows));
  if (given) out.set(given);
  return out;
}

/** Numbers that strips of so many outputs take. */
export const stripLength = (outputs: number, k: number): number => Math.ceil(outputs / 8) * 8 * k;

/**
 * Packs the matrix [outputs][k], times scale[output], into strips of eight outputs [k][8], block of k after block. `rows` gives so many rows
 * from one on: no more of them than a strip has are asked for at a time.
 */
export function packStrips(
  rows: (first: number, count: number) => Float32Array,
  outputs: number,
  k: number,
  out: Float32Array,
  scale?: Float32Array,
): void {
  const padded = Math.ceil(outputs / 8) * 8;
  for (let first = 0; first < outputs; first += 8) {
    const count = Math.min(8, outputs - first);
    const strip = rows(first, count);
    for (let block = 0; block < k; block += innerBlock) {
      const end = Math.min(k, block + innerBlock);
      let to = block * padded + (end - block) * first;
      for (let i = block; i < end; i++)
        for (let o = 0; o < 8; o++) out[to++] = o < count ? strip[o * k + i]! * (scale ? scale[first + o]! : 1) : 0;
    }
  }
}
