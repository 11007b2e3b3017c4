/** What is written is read again, bit for bit: tensors of every kind, graphs with all that ONNX allows, accounts of sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPith, toModel } from '../../src/format/read.js';
import { type CoderChoice, coderChoices } from '../../src/format/sections.js';
import { densify, type StoredTensor } from '../../src/format/stored.js';
import { writePith } from '../../src/format/write.js';
import type { GraphData, Model } from '../../src/model.js';
import { byteSize, bytesOf, type DType, dtypes, viewAs } from '../../src/tensor.js';
import { errorOf } from '../help/expect-code.js';
import { floats, lenet5, model, node, random, residual, value } from '../help/models.js';
import { rich } from '../help/rich.js';
import { uniforms } from '../help/uniform.js';

const seed = 7;

/** A model that reads one weight. */
const around = (dims: readonly number[]): Model =>
  model({
    inputs: [value('x', 'N')],
    outputs: [{ name: 'y', dtype: null, dims: null }],
    nodes: [node('Mul', ['x', 'w'], ['y'])],
    initializers: new Map(dims.length ? [] : []),
  });
const roundTrip = (stored: StoredTensor, coder: CoderChoice = 'smallest'): StoredTensor =>
  readPith(writePith({ model: around([]), stored: new Map([['w', stored]]), coder }).bytes).tensors.get('w')!;
const sameBytes = (a: StoredTensor, b: StoredTensor): void => expect(bytesOf(densify(a))).toEqual(bytesOf(densify(b)));

const shapes = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 });
const names = Object.keys(dtypes) as DType[];

/** Any bytes as a tensor of any type, few different ones among them so that coding pays. */
const dense = fc
  .tuple(fc.constantFrom(...names), shapes, fc.integer(), fc.integer({ min: 1, max: 256 }))
  .map(([dtype, dims, seed, kinds]) => {
    const next = random(seed);
    const bytes = Uint8Array.from({ length: byteSize(dtype, dims) }, () => Math.floor(next() * kinds));
    return { kind: 'dense', tensor: { dtype, dims, data: viewAs(dtype, bytes) } } as const;
  });

/** As they are decoded: a byte for each where the number after the last cluster is below 256 too. */
const indexFrom = (length: number, clusters: number, cluster: (i: number) => number): Uint8Array | Uint16Array => {
  const index = Array.from({ length }, (_, i) => cluster(i));
  return clusters < 256 ? Uint8Array.from(index) : Uint16Array.from(index);
};

const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
const shared = fc
  .tuple(shapes, fc.integer(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 16 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([dims, seed, clusters, gapBits, density]) => {
    const next = random(seed);
    const all = Uint32Array.from({ length: size(dims) }, (_, i) => i);
    const positions = density === 1 ? null : all.filter(() => next() < density);
    const kept = (positions ?? all).length;
    const codebook = Float32Array.from({ length: clusters }, () => next() - 0.5);
    return {
      kind: 'shared',
      dims,
      codebook,
      positions: positions?.length === all.length ? null : positions,
      index: indexFrom(kept, clusters, () => Math.floor(next() * clusters)),
      gapBits,
    } as const;
  });
const sparse = shared.map(({ dims, index, positions }) => ({
  kind: 'sparse' as const,
  dims,
  positions: positions ?? Uint32Array.from(index.keys()),
  values: Float32Array.from(index, (i) => i - 7.5),
}));

describe.each(coderChoices)('tensors under %s', (coder) => {
  test('dense ones of every type and shape come back bit for bit', () => {
    fc.assert(
      fc.property(dense, (stored) => {
        const back = roundTrip(stored, coder);
        expect(back).toMatchObject({ kind: 'dense', tensor: { dtype: stored.tensor.dtype, dims: stored.tensor.dims } });
        sameBytes(back, stored);
      }),
      { seed, numRuns: 150 },
    );
  });

  test('sparse and shared ones come back as they were stored', () => {
    fc.assert(
      fc.property(fc.oneof(sparse, shared), (stored) => {
        expect(roundTrip(stored, coder)).toEqual(stored);
      }),
      { seed, numRuns: 250 },
    );
  });

  test.each([255, 256, 257])('all of %i shared values come back, with pruned weights between them and without', (clusters) => {
    for (const gapBits of [0, 2])
      for (const apart of [1, 7]) {
        const length = 2 * clusters;
        const stored: StoredTensor = {
          kind: 'shared',
          dims: [length * apart],
          codebook: Float32Array.from({ length: clusters }, (_, i) => i + 1),
          positions: apart === 1 ? null : Uint32Array.from({ length }, (_, i) => i * apart),
          index: indexFrom(length, clusters, (i) => i % clusters),
          gapBits,
        };
        expect(roundTrip(stored, coder)).toEqual(stored);
      }
  });

  test('uniform ones come back as they were stored', () => {
    fc.assert(
      fc.property(uniforms, (stored) => {
        expect(roundTrip(stored, coder)).toEqual(stored);
      }),
      { seed, numRuns: 250 },
    );
  });
});

describe('tensors', () => {
  test.each(names)('a scalar and an empty tensor of type %s come back', (dtype) => {
    for (const dims of [[], [0], [3, 0, 2]]) {
      const data = viewAs(dtype, new Uint8Array(byteSize(dtype, dims)).fill(dtype === 'bool' ? 1 : 0x3e));
      sameBytes(roundTrip({ kind: 'dense', tensor: { dtype, dims, data } }), { kind: 'dense', tensor: { dtype, dims, data } });
    }
  });

  test('NaN payloads, infinities, −0 and denormals of a dense tensor stay as they are', () => {
    const bits = Uint32Array.of(0x7fc00001, 0x7f800001, 0xff800000, 0x80000000, 1, 0);
    const data = new Float32Array(bits.buffer);
    sameBytes(roundTrip({ kind: 'dense', tensor: { dtype: 'float32', dims: [6], data } }), {
      kind: 'dense',
      tensor: { dtype: 'float32', dims: [6], data },
    });
  });

  test('a kept weight of zero becomes a pruned one', () => {
    const stored: StoredTensor = { kind: 'sparse', dims: [4], values: Float32Array.of(1, -0, 2), positions: Uint32Array.of(0, 1, 3) };
    const back = roundTrip(stored);
    expect(back).toEqual({ kind: 'sparse', dims: [4], values: Float32Array.of(1, 2), positions: Uint32Array.of(0, 3) });
    expect(Object.is((densify(back).data as Float32Array)[1], 0)).toBe(true);
  });

  test('a tensor without pruned weights costs no positions', () => {
    const next = random(3);
    const index = Uint16Array.from({ length: 4096 }, () => Math.floor(next() * 16));
    const stored: StoredTensor = {
      kind: 'shared',
      dims: [4096],
      codebook: floats([16], next).data as Float32Array,
      positions: null,
      index,
      gapBits: 0,
    };
    const [account] = writePith({ model: around([]), stored: new Map([['w', stored]]) }).report.tensors;
    expect(account!.parts.positions).toBe(0);
    expect(account!.bytes).toBeLessThan(4096 / 2 + 64 + 40);
  });

  test.each<[string, StoredTensor]>([
    ['positions that descend', { kind: 'sparse', dims: [9], values: Float32Array.of(1, 2), positions: Uint32Array.of(3, 2) }],
    ['a position outside', { kind: 'sparse', dims: [9], values: Float32Array.of(1), positions: Uint32Array.of(9) }],
    ['values without positions', { kind: 'sparse', dims: [9], values: Float32Array.of(1), positions: new Uint32Array(0) }],
    [
      'a cluster that is not there',
      { kind: 'shared', dims: [1], codebook: Float32Array.of(1), positions: null, index: Uint16Array.of(1), gapBits: 0 },
    ],
    [
      'a width of 17 bits',
      { kind: 'shared', dims: [1], codebook: Float32Array.of(1), positions: null, index: Uint16Array.of(0), gapBits: 17 },
    ],
    [
      'too few clusters',
      { kind: 'shared', dims: [2], codebook: Float32Array.of(1), positions: null, index: Uint16Array.of(0), gapBits: 5 },
    ],
  ])('the writer refuses %s', (_, stored) => {
    const error = errorOf(() => roundTrip(stored));
    expect(error.code).toBe('usage.stored');
    expect(error.detail.at?.tensor).toBe('w');
  });
});

/** Names of values between nodes are not kept: a graph with these numbered, for comparison. */
function numbered(graph: GraphData, outer: ReadonlyMap<string, string> = new Map()): unknown {
  const kept = new Set([...graph.inputs, ...graph.outputs].map((v) => v.name));
  const names = new Map(outer);
  const rename = (name: string): string => names.get(name) ?? name;
  return {
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes: graph.nodes.map((n) => {
      const inputs = n.inputs.map(rename);
      for (const output of n.outputs) if (output !== '' && !kept.has(output)) names.set(output, `#${names.size}`);
      const graphs = [...n.attributes].map(([key, a]) => [key, a.kind === 'graph' ? numbered(a.value, names) : a]);
      return { op: n.op, domain: n.domain, inputs, outputs: n.outputs.map(rename), attributes: graphs };
    }),
    initializers: new Map([...graph.initializers].sort(([a], [b]) => (a < b ? -1 : 1))),
    opaque: graph.opaqueInitializers,
  };
}

describe('graphs', () => {
  test('everything that a model says comes back, names of values between nodes excepted', () => {
    const given = rich();
    const back = toModel(readPith(writePith({ model: given }).bytes));
    expect(numbered(back.graph)).toEqual(numbered(given.graph));
    const { graph: _, ...head } = given;
    expect(back).toMatchObject(head);
    expect(back.graph.name).toBe('rich');
  });

  test('a second round gives the same bytes', () => {
    for (const given of [rich(), residual().model]) {
      const first = writePith({ model: given }).bytes;
      expect(Buffer.compare(writePith({ model: toModel(readPith(first)) }).bytes, first)).toBe(0);
    }
  });

  test('initializers stand in the order in which nodes read them', () => {
    expect([...readPith(writePith({ model: rich() }).bytes).tensors.keys()]).toEqual(['shape', 'scale', 'late', 'outer_w', 'unused']);
  });

  test('names that look like the reader’s own do not get mixed up with them', () => {
    const tricky = model({
      inputs: [value('v0', 1), value('v_3', 1)],
      outputs: [value('v1', 1)],
      nodes: [node('Add', ['v0', 'v_3'], ['sum']), node('Neg', ['sum'], ['v1'])],
    });
    const { graph } = readPith(writePith({ model: tricky }).bytes).model;
    expect(graph.nodes.map((n) => n.outputs[0])).toEqual(['v__0', 'v1']);
  });

  test('attributes that repeat the default of their operator are left away', () => {
    const given = model({
      inputs: [value('x', 1, 1, 4, 4)],
      outputs: [value('y', 1, 1, 4, 4)],
      nodes: [
        node('MaxPool', ['x'], ['y'], { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], ceil_mode: 0, auto_pad: 'NOTSET' }),
      ],
    });
    expect([...readPith(writePith({ model: given }).bytes).model.graph.nodes[0]!.attributes.keys()]).toEqual(['kernel_shape']);
  });

  test('an empty list is kept where the operator has no default', () => {
    const given = model({ inputs: [], outputs: [value('y', 0)], nodes: [node('Constant', [], ['y'], { value_ints: [] })] });
    expect(readPith(writePith({ model: given }).bytes).model.graph.nodes[0]!.attributes.get('value_ints')).toEqual({
      kind: 'ints',
      value: [],
    });
  });

  test('a node that reads what nobody has made is refused', () => {
    const given = model({ inputs: [], outputs: [value('y')], nodes: [node('Neg', ['x'], ['y'])] });
    const error = errorOf(() => writePith({ model: given }));
    expect(error.code).toBe('input.graph-order');
    expect(error.detail.at?.node).toBe('y');
  });
});

describe('sizes', () => {
  const metadata = new Map([
    ['recipe', '{"version":1,"seed":7,"steps":[{"use":"prune","density":0.08},{"use":"share","bits":{"conv":8,"fc":5}}]}'],
    ['source', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ]);
  const { model: given, stored } = lenet5();
  const { bytes, report } = writePith({ model: given, stored, metadata });

  test('the account of the writer is that of the reader, and adds up to the file', () => {
    const back = readPith(bytes);
    expect(back.report).toEqual(report);
    expect(back.metadata).toEqual(metadata);
    expect(report.sections.reduce((sum, section) => sum + section.bytes, 0)).toBe(bytes.length);
    const tensors = report.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
    const section = report.sections.filter(({ kind }) => kind === 'tensors').reduce((sum, { bytes }) => sum + bytes, 0);
    // beside the tensors a section has its form, its count, and what is left of the last byte
    expect(section - tensors).toBeGreaterThan(0);
    expect(section - tensors).toBeLessThan(6);
    for (const { parts, bytes } of report.tensors) expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBeCloseTo(bytes, 9);
  });

  test('all that is not weights stays under 500 bytes for LeNet-5, its graph under 150', () => {
    const of = (kind: string): number => report.sections.filter((s) => s.kind === kind).reduce((sum, s) => sum + s.bytes, 0);
    expect(of('graph')).toBeLessThan(150);
    expect(of('header') + of('metadata') + of('graph')).toBeLessThan(500);
  });

  test('each tensor tells its non-zeros, fillers and bytes before coding', () => {
    const fc1 = report.tensors.find(({ name }) => name === 'fc1.weight')!;
    expect(fc1).toMatchObject({ parametrization: 'shared', coder: 'mix', kept: 32000, gapBits: 5, denseBytes: 1600000 });
    expect(fc1.entries).toBeGreaterThan(32000);
    expect(fc1.uncoded).toEqual({ positions: (fc1.entries * 5) / 8, values: (fc1.entries * 5) / 8, codebook: 124, tables: 0, rest: 0 });
    expect(fc1.bytes).toBeLessThan(fc1.uncoded.positions + fc1.uncoded.values);
  });

  test('unknown options are refused by name', () => {
    const wrong = { model: given, meta: metadata };
    expect(errorOf(() => writePith(wrong)).detail.at?.option).toBe('meta');
    const limits: object = { maxDecodedByte: 1 };
    expect(errorOf(() => readPith(bytes, limits)).detail.at?.option).toBe('maxDecodedByte');
  });
});
