/** Weights of all the forms that choices tell apart, each with its dense values. */
import { densify, type StoredTensor } from '../../src/format/stored.js';
import { noise } from './twin.js';

export interface WeightCase {
  readonly name: string;
  /** Activations are −1 and 1, and known to be. */
  readonly signs?: boolean;
  make(dims: readonly number[]): { stored: StoredTensor; dense: Float32Array };
}

const countOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

const sparse = (kept: number): WeightCase => ({
  name: `${kept} kept`,
  make(dims) {
    const chance = noise(countOf(dims), 6);
    const dense = noise(countOf(dims), 5).map((v, i) => (Math.abs(chance[i]!) < kept ? v : 0));
    const positions = Uint32Array.from(dense.keys()).filter((i) => dense[i] !== 0);
    return { stored: { kind: 'sparse', dims, positions, values: Float32Array.from(positions, (i) => dense[i]!) }, dense };
  },
});

const shared = (codebook: Float32Array, kept: number): WeightCase => ({
  name: `${kept} kept of values ${codebook.join(' ')}`,
  make(dims) {
    const [chance, pick] = [noise(countOf(dims), 6), noise(countOf(dims), 5)];
    const all = Uint32Array.from(pick.keys());
    const positions = kept === 1 ? null : all.filter((i) => Math.abs(chance[i]!) < kept);
    const index = Uint16Array.from(positions ?? all, (i) => Math.floor(((pick[i]! + 1) / 2) * codebook.length));
    const dense = new Float32Array(pick.length);
    (positions ?? all).forEach((at, i) => {
      dense[at] = codebook[index[i]!]!;
    });
    return { stored: { kind: 'shared', dims, codebook, positions, index, gapBits: 0 }, dense };
  },
});

/** Levels −7 … 7 (of the trellis: multiples up to 14), a step for each output, and for each input. */
const uniform = (grid: 'scalar' | 'trellis', byInput: boolean): WeightCase => ({
  name: `integers, ${grid}${byInput ? ', steps of inputs' : ''}`,
  make(dims) {
    const rows = dims[0]!;
    const levels = Int8Array.from(noise(countOf(dims), 5), (v) => Math.round(7 * v));
    const rowSteps = Int8Array.from({ length: rows }, (_, r) => 5 * (r % 3));
    const columnSteps = byInput ? Int8Array.from({ length: dims[1]! }, (_, c) => -4 * (c % 5)) : null;
    const view = { rows, columns: dims[1]!, positions: countOf(dims.slice(2)), transposed: false };
    const stored: StoredTensor = { kind: 'uniform', dtype: 'float32', dims, view, levels, grid, step: -40, rowSteps, columnSteps };
    const { data } = densify(stored);
    if (!(data instanceof Float32Array)) throw new Error('not float32');
    return { stored, dense: data };
  },
});

const signs: WeightCase = {
  name: 'signs',
  signs: true,
  make(dims) {
    const dense = noise(countOf(dims), 5).map((v) => (v < 0 ? -0.5 : 0.5));
    return { stored: { kind: 'dense', tensor: { dtype: 'float32', dims, data: dense } }, dense };
  },
};

export const weightCases: readonly WeightCase[] = [
  sparse(1),
  sparse(0.3),
  sparse(0),
  shared(Float32Array.of(0.5, -0.25, 0, 1, -0.75), 1),
  shared(Float32Array.of(-0.25, 0.75, 0.5), 0.3),
  shared(Float32Array.of(0.5, -0.25), 0.5),
  shared(Float32Array.of(-0.5), 0.5),
  signs,
  uniform('scalar', false),
  uniform('trellis', true),
];
