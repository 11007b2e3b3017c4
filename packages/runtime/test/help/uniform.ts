/** Uniform tensors for tests: any view, grid, type and steps, from one seed. */
import fc from 'fast-check';
import { naturalView, type UniformStored, uniformDTypes } from '../../src/format/uniform.js';
import { random } from './models.js';

/** Levels up to `most`, about half of them zero, some rows and columns zero as a whole. */
export const uniforms = fc
  .record({
    dims: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }),
    seed: fc.integer(),
    dtype: fc.constantFrom(...uniformDTypes),
    grid: fc.constantFrom('scalar' as const, 'trellis' as const),
    step: fc.oneof(fc.integer({ min: -160, max: 16 }), fc.integer({ min: -2048, max: 2047 })),
    most: fc.constantFrom(0, 1, 3, 40, 3000, 2 ** 24 - 1),
    turned: fc.boolean(),
    steps: fc.constantFrom('none', 'rows', 'columns', 'both'),
  })
  .map(({ dims, seed, most, turned, steps, ...rest }): UniformStored => {
    const next = random(seed);
    const natural = naturalView(dims, turned && dims.length > 1);
    const { rows, columns, positions } = natural;
    // any other split of the same size is a view, too
    const view = next() < 0.8 ? natural : { ...natural, rows: 1, columns: rows * columns * positions, positions: 1 };
    const dead = Uint8Array.from({ length: view.rows }, () => (next() < 0.2 ? 1 : 0));
    const levels = Int32Array.from({ length: view.rows * view.columns * view.positions }, (_, i) => {
      const row = Math.floor(i / (view.columns * view.positions));
      return dead[row] || next() < 0.5 ? 0 : Math.round((2 * next() - 1) * most);
    });
    const draw = (length: number): Int8Array => Int8Array.from({ length }, () => Math.floor(next() * 256) - 128);
    return {
      kind: 'uniform',
      ...rest,
      dims,
      view,
      levels,
      rowSteps: levels.length > 0 && (steps === 'rows' || steps === 'both') ? draw(view.rows) : null,
      columnSteps: levels.length > 0 && (steps === 'columns' || steps === 'both') ? draw(view.columns) : null,
    };
  });
