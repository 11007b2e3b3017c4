/** Operators that put elements elsewhere: Transpose, Slice, Split, Concat, Expand, Tile. A run of the input is no copy. */
import { copying } from './copy.js';
import type { NodeView } from './node-view.js';
import type { Operator, Work } from './operator.js';
import { bytesOfSpec, countOf, type Inputs, type Spec, type Value } from './value.js';
import { broadcastDims, repeating, stridesOf } from './walk.js';

/** y as x read with these strides from a place on. */
function read(x: Value, dims: readonly number[], strides: readonly number[], from = 0): Work {
  const outputs: Spec[] = [{ dtype: x.dtype, dims }];
  const own = stridesOf(dims);
  if (dims.every((d, i) => d <= 1 || strides[i] === own[i])) return { kind: 'alias', outputs, offsets: [4 * from] };
  const { kernel, table, run } = copying({ dims, strides: [strides, own], from });
  return { kind: 'kernel', outputs, kernel, tables: [table], run: (c) => run(c.kernels, c.tables[0]!, c.x[0]!, c.y[0]!) };
}

export const Transpose: Operator = {
  name: 'Transpose',
  prepare: (node) => {
    const choice = node.ints('perm');
    return (inputs) => {
      const x = node.value(inputs, 0);
      const perm = choice ?? x.dims.map((_, i) => x.dims.length - 1 - i);
      if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== x.dims.length)
        node.wrong(`a permutation of ${x.dims.length} axes`, `[${perm}]`);
      const strides = stridesOf(x.dims);
      return read(
        x,
        perm.map((axis) => x.dims[axis]!),
        perm.map((axis) => strides[axis]!),
      );
    };
  },
};

/** Ranges along axes with steps of either sign; bounds are held inside. */
export const Slice: Operator = {
  name: 'Slice',
  takes: [1, 2, 3, 4],
  prepare: (node) => (inputs) => {
    const x = node.value(inputs, 0);
    const starts = node.known(inputs, 1) ?? node.wrong('starts', 'none');
    const ends = node.known(inputs, 2) ?? node.wrong('ends', 'none');
    const only = node.known(inputs, 3) ?? starts.map((_, i) => i);
    const steps = node.known(inputs, 4) ?? starts.map(() => 1);
    if (steps.includes(0) || [ends, only, steps].some((list) => list.length !== starts.length))
      node.wrong('starts, ends, axes and steps of one length, no step 0', `${starts.length}, ${ends.length}, ${only.length}, [${steps}]`);
    const dims = [...x.dims];
    const strides = stridesOf(x.dims);
    let from = 0;
    starts.forEach((start, i) => {
      const axis = node.axis(only[i]!, x.dims.length);
      const [size, step] = [x.dims[axis]!, steps[i]!];
      const clamp = (at: number, low: number, high: number): number => Math.min(Math.max(at < 0 ? at + size : at, low), high);
      const first = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
      const end = step > 0 ? clamp(ends[i]!, 0, size) : clamp(ends[i]!, -1, size - 1);
      dims[axis] = Math.max(0, Math.ceil((end - first) / step));
      from += first * strides[axis]!;
      strides[axis]! *= step;
    });
    return read(x, dims, strides, dims.includes(0) ? 0 : from);
  },
};

function splitSizes(node: NodeView, inputs: Inputs, size: number): number[] {
  const given = node.known(inputs, 1);
  if (given) return given;
  const parts = node.node.outputs.length;
  const told = node.int('num_outputs', parts);
  if (told !== parts) node.wrong(`num_outputs ${parts}, as many as there are outputs`, String(told));
  const each = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, i) => Math.min(each, size - i * each));
}

export const Split: Operator = {
  name: 'Split',
  takes: [1],
  prepare: (node) => {
    const choice = node.int('axis', 0);
    return (inputs) => {
      const x = node.value(inputs, 0);
      const axis = node.axis(choice, x.dims.length);
      const size = x.dims[axis]!;
      const sizes = splitSizes(node, inputs, size);
      if (sizes.some((s) => s < 0) || sizes.reduce((a, b) => a + b, 0) !== size || node.node.outputs.length > sizes.length)
        node.wrong(`sizes for ${node.node.outputs.length} outputs that add up to ${size}`, `[${sizes}]`);
      const outputs = sizes.map((s): Spec => ({ dtype: x.dtype, dims: x.dims.map((d, i) => (i === axis ? s : d)) }));
      const strides = stridesOf(x.dims);
      const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0) * strides[axis]!);
      if (countOf(x.dims.slice(0, axis)) === 1) return { kind: 'alias', outputs, offsets: starts.map((start) => 4 * start) };
      const copies = outputs.map(({ dims }, i) => copying({ dims, strides: [strides, stridesOf(dims)], from: starts[i]! }));
      return {
        kind: 'kernel',
        outputs,
        kernel: 'copy',
        tables: copies.map(({ table }) => table),
        run: ({ kernels, tables, x: from, y }) => {
          for (const [i, { run }] of copies.entries()) if (y[i] && sizes[i]) run(kernels, tables[i]!, from[0]!, y[i]!);
        },
      };
    };
  },
};

export const Concat: Operator = {
  name: 'Concat',
  prepare: (node) => {
    const choice = node.int('axis', 0);
    return (inputs) => {
      const given = inputs.map((_, i) => node.value(inputs, i));
      const first = given[0] ?? node.wrong('an input', 'none');
      const axis = node.axis(choice, first.dims.length);
      const fits = ({ dims, dtype }: Value): boolean =>
        dtype === first.dtype && dims.length === first.dims.length && dims.every((d, i) => i === axis || d === first.dims[i]);
      const odd = given.find((value) => !fits(value));
      if (odd) node.wrong(`shapes like [${first.dims}] but for axis ${axis}`, `[${odd.dims}]`);
      const total = given.reduce((sum, { dims }) => sum + dims[axis]!, 0);
      const dims = first.dims.map((d, i) => (i === axis ? total : d));
      const strides = stridesOf(dims);
      let to = 0;
      const copies = given.map((value) => {
        const copy = copying({ dims: value.dims, strides: [stridesOf(value.dims), strides], to });
        const part = { ...copy, to, empty: countOf(value.dims) === 0 };
        to += value.dims[axis]! * strides[axis]!;
        return part;
      });
      const whole = countOf(dims.slice(0, axis)) === 1;
      return {
        kind: 'kernel',
        outputs: [{ dtype: first.dtype, dims }],
        kernel: whole ? 'concat' : 'concat-strided',
        tables: copies.map(({ table }) => table),
        ...(whole && { parts: copies.map((part) => 4 * part.to) }),
        run: ({ kernels, tables, x, y }) => {
          // a part that was made in its place is there already
          for (const [i, part] of copies.entries())
            if (!part.empty && (!whole || x[i] !== y[0]! + 4 * part.to)) part.run(kernels, tables[i]!, x[i]!, y[0]!);
        },
      };
    };
  },
};

export const Expand: Operator = {
  name: 'Expand',
  takes: [1],
  prepare: (node) => (inputs) => {
    const x = node.value(inputs, 0);
    const dims = broadcastDims(x.dims, node.known(inputs, 1) ?? node.wrong('a shape', 'none'));
    return bytesOfSpec({ dtype: x.dtype, dims }) === bytesOfSpec(x)
      ? { kind: 'alias', outputs: [{ dtype: x.dtype, dims }], offsets: [0] }
      : read(x, dims, repeating(x.dims, dims));
  },
};

export const Tile: Operator = {
  name: 'Tile',
  takes: [1],
  prepare: (node) => (inputs) => {
    const x = node.value(inputs, 0);
    const repeats = node.known(inputs, 1) ?? node.wrong('repeats', 'none');
    if (repeats.length !== x.dims.length || repeats.some((r) => r < 0)) node.wrong(`${x.dims.length} repeats`, `[${repeats}]`);
    const strides = stridesOf(x.dims);
    // each axis twice: how often, and along it
    const dims = x.dims.flatMap((d, i) => [repeats[i]!, d]);
    const work = read(x, dims, strides.flatMap((s) => [0, s])); // biome-ignore format: one line says more
    return { ...work, outputs: [{ dtype: x.dtype, dims: x.dims.map((d, i) => d * repeats[i]!) }] };
  },
};
