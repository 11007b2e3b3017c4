/** Operators that put elements elsewhere: Transpose, Concat, Pad, Slice. */
import { walk } from './broadcast.js';
import { empty, given, type Kernel, stridesOf } from './kernel.js';

export const Transpose: Kernel = {
  name: 'Transpose',
  prepare: (node) => {
    const choice = node.ints('perm');
    return (inputs) => {
      const x = given(inputs, 0);
      const perm = choice ?? x.dims.map((_, i) => x.dims.length - 1 - i);
      if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== x.dims.length)
        node.wrong(`a permutation of ${x.dims.length} axes`, `[${perm}]`);
      const out = empty(perm.map((axis) => x.dims[axis]!));
      const strides = stridesOf(x.dims);
      walk(out.dims, [perm.map((axis) => strides[axis]!)], (i, [from]) => {
        out.data[i] = x.data[from!]!;
      });
      return out;
    };
  },
};

export const Concat: Kernel = {
  name: 'Concat',
  prepare: (node) => {
    const choice = node.int('axis', 0);
    const constants = node.node.inputs.map((_, i) => node.floats(i));
    return (inputs) => {
      const parts = constants.map((constant, i) => constant ?? given(inputs, i));
      const first = parts[0] ?? node.wrong('an input', 'none');
      const axis = node.axis(choice, first.dims.length);
      const fits = (dims: readonly number[]): boolean =>
        dims.length === first.dims.length && dims.every((d, i) => i === axis || d === first.dims[i]);
      for (const part of parts) if (!fits(part.dims)) node.wrong(`shapes like [${first.dims}]`, `[${part.dims}]`);
      const total = parts.reduce((sum, part) => sum + part.dims[axis]!, 0);
      const out = empty(first.dims.map((d, i) => (i === axis ? total : d)));
      const blocks = first.dims.slice(0, axis).reduce((product, d) => product * d, 1);
      for (let block = 0, to = 0; block < blocks; block++)
        for (const { data } of parts) {
          const run = data.length / blocks;
          out.data.set(data.subarray(block * run, (block + 1) * run), to);
          to += run;
        }
      return out;
    };
  },
};

/** With a constant around; negative pads cut. */
export const Pad: Kernel = {
  name: 'Pad',
  prepare: (node) => {
    const mode = node.string('mode', 'constant');
    if (mode !== 'constant') node.unsupported('mode constant', mode);
    const pads = node.constantInts(1) ?? node.wrong('pads', 'none');
    const value = node.has(2) ? (node.floats(2)?.data[0] ?? node.unsupported('a constant value', 'one that another node makes')) : 0;
    const only = node.constantInts(3);
    return (inputs) => {
      const x = given(inputs, 0);
      const rank = x.dims.length;
      const axes = only?.map((axis) => node.axis(axis, rank)) ?? x.dims.map((_, i) => i);
      if (pads.length !== 2 * axes.length) node.wrong(`${2 * axes.length} pads`, String(pads.length));
      const before = new Array<number>(rank).fill(0);
      const dims = [...x.dims];
      axes.forEach((axis, i) => {
        before[axis] = pads[i]!;
        dims[axis]! += pads[i]! + pads[axes.length + i]!;
      });
      if (dims.some((d) => d < 0)) node.wrong('pads that leave something', `[${pads}]`);
      const out = empty(dims);
      out.data.fill(value);
      const strides = stridesOf(dims);
      // the part of the input that lies inside, and where its corner goes
      const low = before.map((p) => Math.max(0, -p));
      const inner = x.dims.map((d, i) => Math.max(0, Math.min(d, dims[i]! - before[i]!) - low[i]!));
      const own = stridesOf(x.dims);
      const from = low.reduce((sum, l, i) => sum + l * own[i]!, 0);
      const to = low.reduce((sum, l, i) => sum + (l + before[i]!) * strides[i]!, 0);
      walk(inner, [own, strides], (_, [a, b]) => {
        out.data[to + b!] = x.data[from + a!]!;
      });
      return out;
    };
  },
};

export const Slice: Kernel = {
  name: 'Slice',
  prepare: (node) => {
    const starts = node.constantInts(1) ?? node.wrong('starts', 'none');
    const ends = node.constantInts(2) ?? node.wrong('ends', 'none');
    const only = node.constantInts(3) ?? starts.map((_, i) => i);
    const steps = node.constantInts(4) ?? starts.map(() => 1);
    if (steps.includes(0) || [ends, only, steps].some((list) => list.length !== starts.length))
      node.wrong('starts, ends, axes and steps of one length, no step 0', `${starts.length}, ${ends.length}, ${only.length}, [${steps}]`);
    return (inputs) => {
      const x = given(inputs, 0);
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
      const out = empty(dims);
      walk(dims, [strides], (i, [at]) => {
        out.data[i] = x.data[from + at!]!;
      });
      return out;
    };
  },
};
