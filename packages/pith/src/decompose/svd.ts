/**
 * Singular values of a matrix by one-sided Jacobi rotations (Hestenes, 1958; Golub and Van Loan, Matrix Computations, 8.6.3): pairs of rows
 * are turned until all are orthogonal. In float64 and in a fixed order, so that the same numbers give the same bits everywhere.
 */
export interface Svd {
  /** Falling. */
  readonly values: Float64Array;
  /** [k, rows]: left singular vectors as rows, k the smaller of the two sides. */
  readonly left: Float64Array;
  /** [k, columns]: right singular vectors as rows. */
  readonly right: Float64Array;
}

const mostSweeps = 30;
const orthogonal = 1e-10;

/** `matrix`: [rows, columns], row-major. */
export function svd(matrix: ArrayLike<number>, rows: number, columns: number): Svd {
  if (rows > columns) {
    const { values, left, right } = svd(transposed(matrix, rows, columns), columns, rows);
    return { values, left: right, right: left };
  }
  const work = Float64Array.from(matrix);
  // row i of `turned` says what row i of `work` is made of: work = turned · matrix
  const turned = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) turned[i * rows + i] = 1;
  for (let sweep = 0, moved = true; moved && sweep < mostSweeps; sweep++) {
    moved = false;
    for (let i = 0; i < rows; i++)
      for (let j = i + 1; j < rows; j++) {
        const [a, b, both] = products(work, columns, i, j);
        if (Math.abs(both) <= orthogonal * Math.sqrt(a * b) || both === 0) continue;
        moved = true;
        const tau = (b - a) / (2 * both);
        const tangent = Math.sign(tau || 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        turn(work, columns, i, j, cosine, cosine * tangent);
        turn(turned, rows, i, j, cosine, cosine * tangent);
      }
  }
  const norms = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(products(work, columns, i, i)[0]));
  const order = Array.from(norms.keys()).sort((p, q) => norms[q]! - norms[p]! || p - q);
  const right = new Float64Array(rows * columns);
  const left = new Float64Array(rows * rows);
  for (const [to, from] of order.entries()) {
    const norm = norms[from]!;
    for (let c = 0; c < columns; c++) right[to * columns + c] = norm > 0 ? work[from * columns + c]! / norm : 0;
    left.set(turned.subarray(from * rows, (from + 1) * rows), to * rows);
  }
  return { values: Float64Array.from(order, (i) => norms[i]!), left, right };
}

/** Of rows i and j with themselves and with each other. */
function products(m: Float64Array, width: number, i: number, j: number): [number, number, number] {
  let [a, b, both] = [0, 0, 0];
  for (let c = 0, p = i * width, q = j * width; c < width; c++, p++, q++) {
    const [x, y] = [m[p]!, m[q]!];
    a += x * x;
    b += y * y;
    both += x * y;
  }
  return [a, b, both];
}

function turn(m: Float64Array, width: number, i: number, j: number, cosine: number, sine: number): void {
  for (let c = 0, p = i * width, q = j * width; c < width; c++, p++, q++) {
    const [x, y] = [m[p]!, m[q]!];
    m[p] = cosine * x - sine * y;
    m[q] = sine * x + cosine * y;
  }
}

function transposed(m: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = m[r * columns + c]!;
  return out;
}
