/**
 * Inverses of matrices as large as layers are wide: halved until they are small, the products between the halves made by an engine, in
 * doubles. With a = L·Lᵀ and M = L⁻¹, both in halves: M₂₁ = −M₂·L₂₁·M₁, L₂₁ = a₂₁·M₁ᵀ, and L₂ is the factor of a₂₂ − L₂₁·L₂₁ᵀ.
 * At side 1,700 a tenth of the time of base/linalg.ts.
 */
import { inverseFactor } from '../base/linalg.js';
import type { Model } from '../base/tensor.js';
import type { Session } from '../engine/engine.js';
import { Graph } from '../graph/graph.js';

/** Sides up to this are left to base/linalg.ts. */
const small = 128;

/** The graph that a session for `Dense` runs: a product of two matrices of any size. `like` gives versions and the like. */
export function productModel(like: Model): Model {
  const graph = Graph.empty('product');
  graph.inputs.push({ name: 'a', dtype: 'float64', dims: ['m', 'k'] }, { name: 'b', dtype: 'float64', dims: ['k', 'n'] });
  graph.outputs.push({ name: 'y', dtype: 'float64', dims: ['m', 'n'] });
  graph.add({ op: 'MatMul', name: 'y', inputs: ['a', 'b'], outputs: ['y'] });
  return { ...like, graph: graph.freeze() };
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export class Dense {
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** The inverse of a symmetric positive definite matrix of side n. Throws `numeric.not-positive-definite`. */
  async inverse(a: Float64Array, n: number): Promise<Float64Array> {
    const factor = { rows: n, columns: n, data: await this.factor(a, n) };
    return (await this.product(turned(factor), factor)).data;
  }

  /** The inverse of the lower Cholesky factor. */
  private async factor(a: Float64Array, n: number): Promise<Float64Array> {
    if (n <= small) return inverseFactor(a, n);
    const [h, rest] = [n >> 1, n - (n >> 1)];
    const first: Matrix = { rows: h, columns: h, data: await this.factor(part(a, n, [0, h], [0, h]).data, h) };
    const below = await this.product(part(a, n, [h, n], [0, h]), turned(first));
    const square = (await this.product(below, turned(below))).data;
    const left = part(a, n, [h, n], [h, n]).data.map((v, i) => v - square[i]!);
    const second: Matrix = { rows: rest, columns: rest, data: await this.factor(left, rest) };
    const corner = await this.product(second, await this.product(below, first));
    const out = new Float64Array(n * n);
    for (let i = 0; i < h; i++) out.set(first.data.subarray(i * h, (i + 1) * h), i * n);
    for (let i = 0; i < rest; i++) {
      const row = (h + i) * n;
      for (let j = 0; j < h; j++) out[row + j] = -corner.data[i * h + j]!;
      out.set(second.data.subarray(i * rest, (i + 1) * rest), row + h);
    }
    return out;
  }

  private async product(a: Matrix, b: Matrix): Promise<Matrix> {
    const tensor = ({ rows, columns, data }: Matrix) => ({ dtype: 'float64', dims: [rows, columns], data }) as const;
    const results = await this.session.run(
      new Map([
        ['a', tensor(a)],
        ['b', tensor(b)],
      ]),
    );
    return { rows: a.rows, columns: b.columns, data: results.get('y')!.data as Float64Array };
  }
}

/** Rows and columns of a matrix of side n. */
function part(a: Float64Array, n: number, [top, bottom]: readonly [number, number], [left, right]: readonly [number, number]): Matrix {
  const [rows, columns] = [bottom - top, right - left];
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) data.set(a.subarray((top + i) * n + left, (top + i) * n + right), i * columns);
  return { rows, columns, data };
}

function turned({ rows, columns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  return { rows: columns, columns: rows, data: out };
}
